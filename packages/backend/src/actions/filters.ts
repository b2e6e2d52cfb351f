/** Event filters: generic, but expressions that cannot be parsed are refused. */
import { type EventFilter, invalid, type ResourceType } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
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

  protected override async check(value: EventFilter, caller: Identity): Promise<EventFilter> {
    const checked = await super.check(value, caller);
    for (const [i, expression] of checked.expressions.entries()) {
      const error = await this.#scripts.checkSyntax(expression);
      if (error !== undefined) throw invalid(`resource is invalid: syntax error in expression ${i}: ${error}`);
    }
    return checked;
  }
}
