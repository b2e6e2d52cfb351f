/** Event filters: generic, but expressions that cannot be parsed are refused. */
import type { EventFilter, ResourceType } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import { requireParsable } from "./expressions.ts";
import { GenericActions, type GenericDeps } from "./generic.ts";
import type { ScriptChecker } from "./ports.ts";

export interface FilterDeps extends GenericDeps {
  readonly scripts: ScriptChecker;
}

export class FilterActions extends GenericActions<EventFilter> {
  readonly #scripts: ScriptChecker;

  constructor(type: ResourceType<EventFilter>, deps: FilterDeps) {
    super(type, deps);
    this.#scripts = deps.scripts;
  }

  protected override async check(
    value: EventFilter,
    caller: Identity,
    verb: "create" | "update",
  ): Promise<EventFilter> {
    const checked = await super.check(value, caller, verb);
    await requireParsable(this.#scripts, checked.expressions);
    return checked;
  }
}
