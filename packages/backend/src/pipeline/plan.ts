/** What runs for an event (P-100 to P-111): references resolved to workflows, once per combination of names. */
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
  /** Of a kind that nothing here runs: the event counts as failed (P-102). */
  readonly unknown?: true;
  /** Runs when this one failed (P-111); its name is that of the resource that says so. */
  readonly fallback?: { readonly name: string; readonly to: PlannedPipeline | undefined };
}

export type Plan = readonly PlannedPipeline[];

const LEGACY = "legacy-pipeline";

/** Same text, same plan. */
export function planKey(namespace: string, event: Event): string {
  let key = namespace;
  for (const { name, type, api_version } of event.pipelines) key += `\n${api_version}.${type}.${name}`;
  const fallback = fallbackOf(event);
  if (fallback) key += `\nf.${fallback.name}`;
  for (const name of event.check?.handlers ?? []) key += `\nh.${name}`;
  for (const name of event.metrics?.handlers ?? []) key += `\nh.${name}`;
  return key;
}

/** Older agents fill that of the check only (P-111). Validation has seen to it that it names a FallbackPipeline. */
function fallbackOf({ fallback_pipeline, check }: Event): ResourceReference | undefined {
  const reference = fallback_pipeline ?? check?.fallback_pipeline;
  return reference?.name ? reference : undefined;
}

export function makePlan(definitions: Definitions, namespace: string, event: Event): Plan {
  const plan: PlannedPipeline[] = [];
  for (const reference of event.pipelines) {
    plan.push(referenced(definitions, namespace, reference));
    // What follows an unknown reference is not processed (P-102).
    if (!isPipeline(reference)) break;
  }
  const fallback = fallbackOf(event);
  if (fallback) plan.push(firstOf(definitions, namespace, fallback.name));
  const names = [...(event.check?.handlers ?? []), ...(event.metrics?.handlers ?? [])];
  if (names.length > 0) plan.push(legacy(definitions, namespace, names));
  return plan;
}

function isPipeline({ type, api_version }: ResourceReference): boolean {
  return (type === "" || type === "Pipeline") && (api_version === "" || api_version === "core/v2");
}

/** Validation lets streaming handlers in (P-106), which may have the name of another handler. */
function isHandler({ type, api_version }: ResourceReference): boolean {
  return (type === "" || type === "Handler") && (api_version === "" || api_version === "core/v2");
}

function referenced(definitions: Definitions, namespace: string, reference: ResourceReference): PlannedPipeline {
  const { name, type, api_version } = reference;
  if (!isPipeline(reference)) return { ...broken(name, `unknown pipeline type ${api_version}.${type}`), unknown: true };
  return modern(definitions, namespace, name);
}

/** The first pipeline, and behind each the one to run when it fails. */
function firstOf(definitions: Definitions, namespace: string, name: string): PlannedPipeline {
  const resource = definitions.fallback(namespace, name);
  if (!resource) return broken(name, `fallback pipeline ${name} does not exist`);
  let first: PlannedPipeline | undefined;
  for (const reference of resource.pipelines.toReversed()) {
    first = { ...referenced(definitions, namespace, reference), fallback: { name, to: first } };
  }
  return first ?? broken(name, `fallback pipeline ${name} names no pipeline`);
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
    if (workflow.handler && !isHandler(workflow.handler)) {
      const { api_version, type } = workflow.handler;
      errors.push(
        `${api_version}.${type} ${handlerName} of workflow ${workflow.name}: this version has no such handlers`,
      );
      return [];
    }
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
