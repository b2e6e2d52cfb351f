/** Content of a check request (P-21 to P-26). */
import { type Asset, AssetList, type CheckConfig, CheckRequest, type HookConfig } from "@sensu-ts/core";
import type { Logger } from "@sensu-ts/runtime";
import type { Definitions } from "./ports.ts";

/** Everything but `issued`, which each run adds. `scheduler` is ours, whatever the user wrote (P-26). */
export function buildRequest(
  check: CheckConfig,
  scheduler: string,
  definitions: Definitions,
  log: Logger,
): CheckRequest {
  const { name, namespace } = check.metadata;
  const fields = { check: name, namespace };
  if (check.secrets.length > 0) {
    log.warn(fields, "secrets will not be transmitted to agents without mutual TLS authentication (mTLS)");
  }
  const assetsOf = (names: readonly string[]) =>
    names.flatMap((asset) => findAssets(asset, namespace, definitions, log));
  const hooks: HookConfig[] = [];
  const hookAssets: Record<string, AssetList> = Object.create(null);
  for (const hookName of new Set(check.check_hooks.flatMap((list) => list.hooks))) {
    const hook = definitions.hook(namespace, hookName);
    if (hook === undefined) continue;
    hooks.push(hook);
    if (hook.runtime_assets.length > 0) {
      hookAssets[hookName] = AssetList.create({ assets: assetsOf(hook.runtime_assets) });
    }
  }
  return CheckRequest.create({
    config: { ...check, scheduler },
    assets: assetsOf(check.runtime_assets),
    hooks,
    hook_assets: hookAssets,
  });
}

/** The exact name, else every asset whose name begins with it (P-24). */
function findAssets(name: string, namespace: string, definitions: Definitions, log: Logger): readonly Asset[] {
  const exact = definitions.asset(namespace, name);
  if (exact !== undefined) return [exact];
  const prefixed = definitions.assets(namespace).filter((asset) => asset.metadata.name.startsWith(name));
  if (prefixed.length === 0) {
    log.error({ namespace, asset: name }, `asset ${JSON.stringify(name)} was requested but does not exist`);
  }
  return prefixed;
}
