/** Checks: generic, plus running one now and its hooks. */
import {
  type Asset,
  type CheckConfig,
  HookList,
  type HookList as Hooks,
  invalid,
  type ResourceType,
  SensuError,
} from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import type { AdhocRun } from "../schedule/mod.ts";
import { requireParsable } from "./expressions.ts";
import { GenericActions, type GenericDeps } from "./generic.ts";
import type { CheckRunner, ScriptChecker } from "./ports.ts";
import { type Id, question } from "./resource-actions.ts";

export interface CheckDeps extends GenericDeps {
  readonly runner: CheckRunner;
  readonly scripts: ScriptChecker;
  readonly assetType: ResourceType<Asset>;
  /** Refuse checks whose runtime assets are not there. Off: for files that bring the asset later. */
  readonly requireAssets: boolean;
}

const HOOK_TYPE = /^(ok|warning|critical|unknown|non-zero|0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/;

export class CheckActions extends GenericActions<CheckConfig> {
  readonly #runner: CheckRunner;
  readonly #scripts: ScriptChecker;
  readonly #assetType: ResourceType<Asset>;
  readonly #requireAssets: boolean;

  constructor(type: ResourceType<CheckConfig>, deps: CheckDeps) {
    super(type, deps);
    this.#runner = deps.runner;
    this.#scripts = deps.scripts;
    this.#assetType = deps.assetType;
    this.#requireAssets = deps.requireAssets;
  }

  /** Resolves with the Unix second of issue. */
  async execute(caller: Identity, id: Id, read: () => Pick<AdhocRun, "subscriptions" | "reason">): Promise<number> {
    this.authorizer.authorize(caller, question("create", this.type.rbac, id));
    const { subscriptions, reason } = read();
    const { value } = await this.stored(id);
    return this.#runner.execute(id.namespace, value, { subscriptions, reason, creator: caller.username });
  }

  /** Adds the hooks not yet there under the type that the body names. */
  async addHooks(caller: Identity, id: Id, read: () => Hooks): Promise<void> {
    this.authorizer.authorize(caller, question("update", this.type.rbac, id));
    const { type, hooks } = read();
    if (!HOOK_TYPE.test(type)) {
      throw invalid("check hook type must be one of ok, warning, critical, unknown, non-zero or a status of 0 to 255");
    }
    if (hooks.length === 0) throw invalid("hooks cannot be empty");
    await this.#changeHooks(id, (lists) => {
      const at = lists.findIndex((list) => list.type === type);
      if (at < 0) return [...lists, HookList.create({ type, hooks: [...new Set(hooks)] })];
      return lists.map((list, i) => (i === at ? { ...list, hooks: [...new Set([...list.hooks, ...hooks])] } : list));
    });
  }

  async removeHook(caller: Identity, id: Id, hookType: string, hook: string): Promise<void> {
    this.authorizer.authorize(caller, question("delete", this.type.rbac, id));
    await this.#changeHooks(id, (lists) => {
      const list = lists.find((one) => one.type === hookType);
      if (!list?.hooks.includes(hook)) throw new SensuError("notFound");
      const hooks = list.hooks.filter((one) => one !== hook);
      return hooks.length === 0
        ? lists.filter((one) => one !== list)
        : lists.map((one) => (one === list ? { ...one, hooks } : one));
    });
  }

  protected override async check(value: CheckConfig): Promise<CheckConfig> {
    const check = this.validated(value);
    await requireParsable(this.#scripts, check.proxy_requests?.entity_attributes ?? []);
    if (!this.#requireAssets) return check;
    for (const asset of check.runtime_assets) {
      if (await this.store.get(this.#assetType, check.metadata.namespace, asset)) continue;
      throw invalid(
        `resource is invalid: runtime asset ${asset} does not exist in namespace ${check.metadata.namespace}`,
      );
    }
    return check;
  }

  async #changeHooks(id: Id, change: (lists: readonly Hooks[]) => readonly Hooks[]): Promise<void> {
    await this.store.change(this.type, id, (check) => ({ ...check, check_hooks: change(check.check_hooks) }));
  }
}
