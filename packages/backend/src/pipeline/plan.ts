/** What runs for an event (P-100 to P-109): references resolved to workflows, once per combination of names. */
import type { Event, Handler, ResourceReference } from "@sensu-ts/core";
import type { Definitions } from "./definitions.ts";

export interface Workflow {
  readonly name: string;
  readonly filters: readonly string[];
  /** Empty: the event's JSON as it is. */
  readonly mutator: string;
  /** Absent: the handler named does not exist; the workflow then does nothing (P-108). */
  readonly handler: Handler | undefined;
  readonly handlerName: string;
}

export interface PlannedPipeline {
  readonly kind: "legacy" | "modern";
  readonly name: string;
  /** An error in one workflow does not end the others. */
  readonly continueOnError: boolean;
  readonly workflows: readonly Workflow[];
  /** Why it, or a part of it that is not in `workflows`, cannot run. */
  readonly error?: string;
}

export type Plan = readonly PlannedPipeline[];

const LEGACY = "legacy-pipeline";

/** Same text, same plan. */
export function planKey(namespace: string, event: Event): string {
  let key = namespace;
  for (const { name, type, api_version } of event.pipelines) key += `\n${api_version}.${type}.${name}`;
  for (const name of event.check?.handlers ?? []) key += `\nh.${name}`;
  for (const name of event.metrics?.handlers ?? []) key += `\nh.${name}`;
  return key;
}

export function makePlan(definitions: Definitions, namespace: string, event: Event): Plan {
  const plan: PlannedPipeline[] = [];
  for (const reference of event.pipelines) {
    const known = isPipeline(reference);
    plan.push(
      known
        ? modern(definitions, namespace, reference.name)
        : broken(reference.name, `unknown pipeline type ${reference.api_version}.${reference.type}`),
    );
    // What follows an unknown reference is not processed (P-102).
    if (!known) break;
  }
  const names = [...(event.check?.handlers ?? []), ...(event.metrics?.handlers ?? [])];
  if (names.length > 0) plan.push(legacy(definitions, namespace, names));
  return plan;
}

function isPipeline({ type, api_version }: ResourceReference): boolean {
  return (type === "" || type === "Pipeline") && (api_version === "" || api_version === "core/v2");
}

function broken(name: string, error: string): PlannedPipeline {
  return { kind: "modern", name, continueOnError: false, workflows: [], error };
}

function modern(definitions: Definitions, namespace: string, name: string): PlannedPipeline {
  const pipeline = definitions.pipeline(namespace, name);
  if (!pipeline) return broken(name, `pipeline ${name} does not exist`);
  const errors: string[] = [];
  const workflows = pipeline.workflows.flatMap((workflow): Workflow[] => {
    const handlerName = workflow.handler?.name ?? "";
    const common = {
      filters: (workflow.filters ?? []).map((filter) => filter.name),
      mutator: workflow.mutator?.name ?? "",
    };
    const { handlers, error } = expand(definitions, namespace, [handlerName]);
    if (error !== undefined) errors.push(error);
    return handlers.map((found) => ({
      ...common,
      name: handlers.length > 1 ? `${workflow.name}/${found.name}` : workflow.name,
      handlerName: found.name,
      handler: found.handler,
    }));
  });
  return {
    ...{ kind: "modern", name, continueOnError: pipeline.continue_on_error, workflows },
    ...(errors.length === 0 ? {} : { error: errors.join(", ") }),
  };
}

/** P-105: each handler with its own filters and mutator, by name; one that fails never hides another. */
function legacy(definitions: Definitions, namespace: string, names: readonly string[]): PlannedPipeline {
  const { handlers, error } = expand(definitions, namespace, names);
  const workflows = handlers.map(({ name, handler }) => ({
    name: `${LEGACY}-workflow-${name}`,
    filters: handler?.filters ?? [],
    mutator: handler?.mutator ?? "",
    handlerName: name,
    handler,
  }));
  return {
    ...{ kind: "legacy", name: LEGACY, continueOnError: true, workflows },
    ...(error === undefined ? {} : { error }),
  };
}

interface Expanded {
  readonly name: string;
  readonly handler: Handler | undefined;
}

/** Sets become their members, in order of names; a set in a set may not hold further sets (P-104). */
function expand(
  definitions: Definitions,
  namespace: string,
  names: readonly string[],
): { readonly handlers: readonly Expanded[]; readonly error?: string } {
  const found = new Map<string, Handler | undefined>();
  let error: string | undefined;
  const add = (name: string, depth: number) => {
    const handler = definitions.handler(namespace, name);
    if (handler?.type !== "set") {
      found.set(name, handler);
      return;
    }
    if (depth > 1) {
      error = `handler sets cannot be deeply nested: ${name}`;
      return;
    }
    for (const member of handler.handlers) add(member, depth + 1);
  };
  for (const name of names) add(name, 0);
  const handlers = [...found].map(([name, handler]) => ({ name, handler })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return error === undefined ? { handlers } : { handlers, error };
}
