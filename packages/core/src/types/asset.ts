import { embedded, type Infer, message, messages, str, stringMap, strings } from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";
import { AssetBuild } from "./shared.ts";

/** */
export const Asset = message("Asset", {
  url: str(2, "O"),
  sha512: str(3, "O"),
  filters: strings(5, "N"),
  builds: messages(6, "N", () => AssetBuild),
  metadata: embedded(8, "A", () => ObjectMeta),
  headers: stringMap(9, "N"),
});
export interface Asset extends Infer<typeof Asset> {}

export const AssetList = message("AssetList", { assets: messages(1, "N", () => Asset) });
export interface AssetList extends Infer<typeof AssetList> {}
