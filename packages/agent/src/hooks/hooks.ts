/** Commands run on a check's result (section 14 of the agent specification, W-115 to W-118). */
import {
  type Check,
  type CheckRequest,
  Event,
  encodeJson,
  Hook,
  HookConfig,
  ObjectMeta,
  SensuError,
  substituteTokens,
  validateHookConfig,
} from "@sensu-ts/core";
import { type Logger, mergeEnvironments, runCommand } from "@sensu-ts/runtime";
import { type AllowList, isListedProgram } from "../checks/allow-list.ts";
import { inheritedEnvironment } from "../checks/environment.ts";
import { DENY_STATUS } from "../checks/result.ts";

const DENIED = "check hook command denied by the agent allow list";

export interface HooksRun {
  readonly request: CheckRequest;
  /** With the check's status and output. */
  readonly event: Event & { check: Check };
  /** The agent's, for hooks the backend did not send. */
  readonly namespace: string;
  /** Absent: every command may run. */
  readonly allowList: AllowList | undefined;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Milliseconds. */
  readonly now: () => number;
}

/** In the order of the check definition, one after another, each name once. */
export async function runHooks(run: HooksRun): Promise<Hook[]> {
  const results: Hook[] = [];
  const seen = new Set<string>();
  for (const list of run.request.config?.check_hooks ?? []) {
    if (!appliesTo(list.type, run.event.check.status)) continue;
    for (const name of list.hooks) {
      if (seen.has(name) || run.signal.aborted) continue;
      seen.add(name);
      results.push(await runHook(name, run));
    }
  }
  return results;
}

export function appliesTo(type: string, status: number): boolean {
  switch (type) {
    case "ok":
      return status === 0;
    case "warning":
      return status === 1;
    case "critical":
      return status === 2;
    case "unknown":
      return status > 2;
    case "non-zero":
      return status !== 0;
    default:
      return type === String(status);
  }
}

async function runHook(name: string, run: HooksRun): Promise<Hook> {
  const sent = run.request.hooks.find((config) => config.metadata.name === name);
  const config = prepared(sent, name, run);
  const executed = Math.floor(run.now() / 1000);
  // Neither secrets nor the check's variables.
  const env = mergeEnvironments(inheritedEnvironment());
  if (!(await isAllowed(run.allowList, config.command, env))) {
    run.log.error({ hook: name, error: DENIED }, "hook execution failed");
    return Hook.create({ config: shown(config, sent), executed, output: DENIED, status: deniedStatus(config) });
  }
  if ((run.request.hook_assets[name]?.assets.length ?? 0) > 0) {
    const output = "error getting assets for hook: this agent cannot fetch assets yet";
    run.log.error({ hook: name, error: output }, "hook execution failed");
    return Hook.create({ config, executed, output, status: deniedStatus(config) });
  }
  const result = await runCommand({
    command: config.command,
    env,
    timeoutMs: config.timeout * 1000,
    signal: run.signal,
    endsWithProgram: true,
    ...(config.stdin ? { stdin: encodeJson(Event, run.event) } : {}),
  });
  return Hook.create({
    config: shown(config, sent),
    executed,
    duration: result.durationSeconds,
    output: result.output.toString("utf8"),
    status: result.startError === undefined ? result.status : 0,
  });
}

async function isAllowed(
  list: AllowList | undefined,
  command: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  if (!list) return true;
  const allowed = list.match(command);
  return allowed !== undefined && isListedProgram(allowed, command, env);
}

/** The command as it was defined: the substituted one may hold credentials. */
function shown(config: HookConfig, sent: HookConfig | undefined): HookConfig {
  return { ...config, command: sent?.command ?? config.command };
}

/** The hook with its tokens filled in, or one that says what is wrong with it. */
function prepared(sent: HookConfig | undefined, name: string, run: HooksRun): HookConfig {
  if (sent === undefined) return substitute(name, run.namespace, "missing hook config");
  const quoted = JSON.stringify(name);
  const failed = (error: unknown, what: string) => {
    if (!(error instanceof SensuError)) throw error;
    return substitute(name, sent.metadata.namespace, `hook ${quoted}${what}: ${error.message}`);
  };
  try {
    validateHookConfig(sent);
  } catch (error) {
    return failed(error, " is invalid");
  }
  try {
    return run.event.entity === undefined ? sent : substituteTokens(sent, run.event.entity);
  } catch (error) {
    return failed(error, ": error doing token substitution");
  }
}

/** Stands in for a hook that cannot run: it says why and ends with 2. */
function substitute(name: string, namespace: string, reason: string): HookConfig {
  return HookConfig.create({
    metadata: ObjectMeta.create({ name, namespace }),
    command: `echo '${`hook ${name}: ${reason}`.replaceAll("'", "'\\''")}'; exit 2`,
    timeout: 5,
  });
}

function deniedStatus(config: HookConfig): number {
  const annotated = config.metadata.annotations[DENY_STATUS];
  return annotated !== undefined && /^-?\d{1,9}$/.test(annotated) ? Number(annotated) : 3;
}
