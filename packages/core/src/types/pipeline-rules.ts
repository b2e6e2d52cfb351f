/** Filter and mutator scripts are parsed where there is an engine. */
import { invalid } from "../errors.ts";
import { requireNamespace, validateName, within } from "./name-rules.ts";
import type {
  EventFilter,
  FallbackPipeline,
  Handler,
  HandlerSocket,
  Mutator,
  Pipeline,
  PipelineWorkflow,
  Silenced,
} from "./pipeline.ts";
import type { ResourceReference } from "./shared.ts";

export function validateHandler(handler: Handler): Handler {
  validateName("handler name", handler.metadata.name);
  switch (handler.type) {
    case "":
      throw invalid("empty handler type");
    case "pipe":
      if (handler.command.trim() === "") throw invalid("missing command");
      break;
    case "set":
      break;
    case "tcp":
    case "udp":
      validateSocket(handler.socket);
      break;
    default:
      throw invalid(`unknown handler type: ${handler.type}`);
  }
  requireNamespace(handler.metadata.namespace);
  return handler;
}

function validateSocket(socket: HandlerSocket | undefined): void {
  if (socket === undefined) throw invalid("tcp and udp handlers need a valid socket");
  if (socket.host === "") throw invalid("socket host undefined");
  if (socket.port === 0) throw invalid("socket port undefined");
}

/** `when` is not looked at: a window that cannot be read shows when the filter is used. */
export function validateEventFilter(filter: EventFilter): EventFilter {
  validateName("filter name", filter.metadata.name);
  if (filter.action !== "allow" && filter.action !== "deny") throw invalid(`action '${filter.action}' is not valid`);
  if (filter.expressions.length === 0) throw invalid("filter must have one or more expressions");
  requireNamespace(filter.metadata.namespace);
  return filter;
}

export function validateMutator(mutator: Mutator): Mutator {
  validateName("mutator name", mutator.metadata.name);
  if (mutator.command === "" && mutator.eval === "") throw invalid("mutator command or eval must be set");
  if (mutator.type === "javascript" && mutator.command !== "") {
    throw invalid('"command" used with javascript mutator, should be "eval"');
  }
  requireNamespace(mutator.metadata.namespace);
  if (mutator.type !== "" && mutator.type !== "pipe" && mutator.type !== "javascript") {
    const type = JSON.stringify(mutator.type);
    throw invalid(`invalid mutator type ${type}, valid types are "javascript, pipe"`);
  }
  return mutator;
}

export function validatePipeline(pipeline: Pipeline): Pipeline {
  validateName("name", pipeline.metadata.name);
  requireNamespace(pipeline.metadata.namespace);
  for (const workflow of pipeline.workflows) within("workflow ", () => validateWorkflow(workflow));
  return pipeline;
}

export function validateFallbackPipeline(fallback: FallbackPipeline): FallbackPipeline {
  validateName("name", fallback.metadata.name);
  requireNamespace(fallback.metadata.namespace);
  for (const pipeline of fallback.pipelines) within("pipeline ", () => validateReference(pipeline, "running"));
  return fallback;
}

const ROLES = {
  running: ["core/v2.Pipeline"],
  filtering: ["core/v2.EventFilter"],
  mutating: ["core/v2.Mutator"],
  handling: ["core/v2.Handler", "pipeline/v1.SumoLogicMetricsHandler", "pipeline/v1.TCPStreamHandler"],
};

export function validateWorkflow(workflow: PipelineWorkflow): void {
  validateName("name", workflow.name);
  for (const filter of workflow.filters) within("filter ", () => validateReference(filter, "filtering"));
  const { mutator, handler } = workflow;
  if (mutator !== undefined) within("mutator ", () => validateReference(mutator, "mutating"));
  if (handler === undefined) throw invalid("handler must be set");
  within("handler ", () => validateReference(handler, "handling"));
}

function validateReference(reference: ResourceReference, role: keyof typeof ROLES): void {
  validateName("name", reference.name);
  if (reference.type === "") throw invalid("type must be set");
  if (reference.api_version === "") throw invalid("api_version must be set");
  const type = `${reference.api_version}.${reference.type}`;
  if (!ROLES[role].includes(type)) throw invalid(`resource type not capable of ${role} events: ${type}`);
}

export function silencedName(silenced: Pick<Silenced, "subscription" | "check">): string {
  return `${silenced.subscription || "*"}:${silenced.check || "*"}`;
}

/** Gives the entry back with its computed name. */
export function validateSilenced(silenced: Silenced): Silenced {
  const { subscription, check } = silenced;
  if ((subscription === "" && check === "") || (subscription === "*" && check === "*")) {
    throw invalid("must provide check or subscription");
  }
  if (subscription !== "" && subscription !== "*") validateName("Subscription", subscription, "subscription");
  if (check !== "" && check !== "*") validateName("Check", check);
  return { ...silenced, metadata: { ...silenced.metadata, name: silencedName(silenced) } };
}
