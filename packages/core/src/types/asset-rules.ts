/** R-82; filter expressions are parsed where there is an engine. */
import { invalid } from "../errors.ts";
import type { Asset } from "./asset.ts";
import { requireNamespace, validateAssetName } from "./name-rules.ts";

const SHA512_DIGITS = 128;

export function validateAsset(asset: Asset): Asset {
  validateAssetName(asset.metadata.name);
  requireNamespace(asset.metadata.namespace, "namespace cannot be empty");
  for (const build of asset.builds.length > 0 ? asset.builds : [asset]) {
    if (build.sha512 === "") throw invalid("SHA-512 checksum cannot be empty");
    if (build.sha512.length < SHA512_DIGITS) throw invalid("SHA-512 checksum must be at least 128 characters");
    if (build.url === "") throw invalid("URL cannot be empty");
  }
  return asset;
}
