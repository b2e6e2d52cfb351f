/** Assets: generic, but filters that cannot be parsed are refused. */
import type { Asset, ResourceType } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import { requireParsable } from "./expressions.ts";
import { GenericActions, type GenericDeps } from "./generic.ts";
import type { ScriptChecker } from "./ports.ts";

export interface AssetDeps extends GenericDeps {
  readonly scripts: ScriptChecker;
}

export class AssetActions extends GenericActions<Asset> {
  readonly #scripts: ScriptChecker;

  constructor(type: ResourceType<Asset>, deps: AssetDeps) {
    super(type, deps);
    this.#scripts = deps.scripts;
  }

  protected override async check(value: Asset, caller: Identity, verb: "create" | "update"): Promise<Asset> {
    const asset = await super.check(value, caller, verb);
    // With builds, nobody looks at the filters outside them.
    const filtered = asset.builds.length > 0 ? asset.builds : [asset];
    for (const { filters } of filtered) await requireParsable(this.#scripts, filters);
    return asset;
  }
}
