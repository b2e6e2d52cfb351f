/** Mutators: the bytes a handler gets (P-127 to P-130). */
import { Event, encodeJson, type Mutator, SensuError } from "@sensu-ts/core";
import { mergeEnvironments, parseEnvironment, runCommand } from "@sensu-ts/runtime";
import type { Definitions } from "./definitions.ts";
import type { Scripts } from "./ports.ts";

const MAX_OUTPUT_BYTES = 8 << 20;
const DEFAULT_SCRIPT_MS = 5000;

export interface MutateParts {
  readonly definitions: Definitions;
  readonly scripts: Scripts;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends a command that runs. */
  readonly stopping: AbortSignal;
}

/** Throws `SensuError` with the reason; the handler is then not run. */
export async function mutate(
  parts: MutateParts,
  namespace: string,
  name: string,
  event: Event,
): Promise<string | Uint8Array> {
  if (name === "" || name === "json") return encodeJson(Event, event);
  if (name === "only_check_output") {
    if (!event.check) throw new SensuError("invalid", "only_check_output needs an event with a check");
    return event.check.output;
  }
  const mutator = parts.definitions.mutator(namespace, name);
  if (!mutator) throw new SensuError("notFound", `mutator ${JSON.stringify(name)} does not exist`);
  if (mutator.runtime_assets.length > 0) {
    throw new SensuError("invalid", `mutator ${name} needs runtime assets, which this version does not have`);
  }
  if (mutator.secrets.length > 0) {
    throw new SensuError("invalid", `mutator ${name} needs secrets, which this version does not have`);
  }
  return mutator.type === "javascript" ? script(parts, mutator, event) : pipe(parts, mutator, event);
}

async function pipe({ environment, stopping }: MutateParts, mutator: Mutator, event: Event): Promise<Uint8Array> {
  const result = await runCommand({
    command: mutator.command,
    env: mergeEnvironments(environment, parseEnvironment(mutator.env_vars)),
    stdin: encodeJson(Event, event),
    timeoutMs: mutator.timeout * 1000,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal: stopping,
  });
  if (result.status !== 0) {
    throw new SensuError("invalid", `pipe mutator execution returned non-zero exit status: ${result.status}`);
  }
  // Half of a payload is worse than none.
  if (result.droppedBytes > 0)
    throw new SensuError("invalid", `pipe mutator wrote more than ${MAX_OUTPUT_BYTES} bytes`);
  return result.output;
}

function script({ scripts, environment }: MutateParts, mutator: Mutator, event: Event): Promise<string> {
  const variables: Record<string, string> = {};
  for (const text of mutator.env_vars) {
    const sign = text.indexOf("=");
    if (sign < 0) variables[text] = environment[text] ?? "";
    else variables[text.slice(0, sign)] = text.slice(sign + 1);
  }
  return scripts.mutate(mutator.eval, event, variables, mutator.timeout * 1000 || DEFAULT_SCRIPT_MS);
}
