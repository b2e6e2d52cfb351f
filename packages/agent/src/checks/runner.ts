/** Runs check requests and sends their results (section 12 of the agent specification). */
import {
  Check,
  type CheckConfig,
  type CheckRequest,
  type Entity,
  Event,
  encodeJson,
  SensuError,
  substituteTokens,
  validateCheckConfig,
} from "@sensu-ts/core";
import { type Logger, mergeEnvironments, parseEnvironment, runCommand } from "@sensu-ts/runtime";
import { runHooks } from "../hooks/hooks.ts";
import { randomId } from "../link/event-id.ts";
import type { OutgoingEvent } from "../link/link.ts";
import { logSending } from "../link/log-event.ts";
import type { Sequences } from "../link/sequences.ts";
import { Admission, checkKey, type Verdict } from "./admission.ts";
import { type AllowList, isListedProgram } from "./allow-list.ts";
import { CANNED_COMMAND, CANNED_OUTPUT } from "./canned.ts";
import { inheritedEnvironment } from "./environment.ts";
import { begunEvent, failureEvent, refusedEvent, withOutput } from "./result.ts";
import { maskSecrets } from "./secrets.ts";

export interface RunnerOptions {
  readonly agentName: string;
  readonly namespace: string;
  /** Without it, requests that carry assets are refused as the original refuses them. */
  readonly assets: boolean;
  readonly maskSecrets: boolean;
  /** Absent: every command may run. */
  readonly allowList: AllowList | undefined;
  readonly entity: () => Entity;
  readonly sequences: Sequences;
  readonly send: (outgoing: OutgoingEvent) => Promise<void>;
  readonly log: Logger;
  /** Milliseconds. */
  readonly now: () => number;
}

const DENIED = "check command denied by the agent allow list";

const REFUSALS: Readonly<Record<Exclude<Verdict, "run">, (name: string) => string>> = {
  older: () => "check request is older than a previously received check request",
  duplicate: () => "check request has already been received - agent and check may have multiple matching subscriptions",
  running: (name) => `check execution still in progress: ${name}`,
};

export class CheckRunner {
  readonly #options: RunnerOptions;
  readonly #admission = new Admission();
  readonly #stop = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Called for each request as it arrives; decides at once and runs what is to run in the background. */
  receive(request: CheckRequest): void {
    const { log, now, entity, assets } = this.#options;
    const { config } = request;
    if (config === undefined) {
      log.error({ error: "check request without a check" }, "error handling message");
      return;
    }
    const { name } = config.metadata;
    const key = checkKey(request);
    const verdict = this.#admission.judge(key, request.issued);
    if (verdict !== "run") {
      const fields = { check: name, error: REFUSALS[verdict](name) };
      if (verdict === "duplicate") log.warn(fields, "error handling message");
      else log.error(fields, "error handling message");
      return;
    }
    const problem =
      !assets && request.assets.length > 0
        ? "check requested assets, but they are disabled on this agent"
        : checkProblem(config);
    if (problem !== undefined) {
      void this.#fail(refusedEvent(config, entity(), now()), problem);
      return;
    }
    if (config.output_metric_format !== "" || config.output_metric_handlers.length > 0) {
      log.warn(
        { check: name, format: config.output_metric_format },
        "unable to extract metric from check output: this version does not read metrics, nor does it compare them with output_metric_thresholds",
      );
    }
    log.info({}, `scheduling check execution: ${name}`);
    this.#admission.begin(key, request.issued);
    this.#run(request, config)
      .catch((error: unknown) => log.error({ check: name, error }, "check execution failed"))
      .finally(() => this.#admission.end(key));
  }

  /** Ends running commands. */
  stop(): void {
    this.#stop.abort();
  }

  async #run(request: CheckRequest, config: CheckConfig): Promise<void> {
    const { entity, sequences, now, send, log, agentName, allowList } = this.#options;
    const from = { entity: entity(), issued: request.issued, sequence: sequences.next(config.metadata.name) };
    let substituted = config;
    if (config.command !== CANNED_COMMAND) {
      try {
        substituted = substituteTokens(config, from.entity);
      } catch (error) {
        if (!(error instanceof SensuError)) throw error;
        const reason = `error while substituting check tokens: ${error.message}`;
        return this.#fail(begunEvent({ ...from, config, now: now() }), reason);
      }
    }
    // Events show the command as it was defined: the substituted one may hold credentials (W-96).
    const begun = begunEvent({ ...from, config: { ...substituted, command: config.command }, now: now() });
    const { command } = substituted;
    const allowed = allowList?.match(command);
    if (allowList && !allowed && command !== CANNED_COMMAND) return this.#fail(begun, DENIED);
    if (request.assets.length > 0) {
      return this.#fail(begun, "error getting assets for check: this agent cannot fetch assets yet");
    }
    const secrets = parseEnvironment(request.secrets);
    // W-102, S-366: secrets stay where the list gives the check no variables of its own.
    const own = allowed && !allowed.enableEnv ? {} : parseEnvironment(begun.check.env_vars);
    const env = mergeEnvironments(inheritedEnvironment(), secrets, own);
    if (allowed && !(await isListedProgram(allowed, command, env))) return this.#fail(begun, DENIED);
    const done = await this.#execute(begun, command, env, Object.values(secrets));
    if (this.#stop.signal.aborted) return;
    let event: Event & { check: Check } = {
      ...begun,
      timestamp: Math.floor(now() / 1000),
      id: randomId(),
      check: { ...done, processed_by: agentName },
    };
    if (request.hooks.length > 0) {
      const hooks = await runHooks({
        request,
        event,
        namespace: this.#options.namespace,
        allowList,
        signal: this.#stop.signal,
        log,
        now,
      });
      event = { ...event, check: { ...event.check, hooks } };
    }
    if (event.check.discard_output) event = { ...event, check: Check.create({ ...event.check, output: "" }) };
    logSending(log, event);
    await send({ event });
  }

  /** The check with status, output and duration. */
  async #execute(
    begun: Event & { check: Check },
    command: string,
    env: Readonly<Record<string, string>>,
    secrets: readonly string[],
  ): Promise<Check> {
    const { check } = begun;
    if (command === CANNED_COMMAND) return { ...check, output: CANNED_OUTPUT };
    const result = await runCommand({
      command,
      env,
      timeoutMs: check.timeout * 1000,
      signal: this.#stop.signal,
      endsWithProgram: true,
      ...(check.stdin ? { stdin: encodeJson(Event, begun) } : {}),
    });
    if (result.droppedBytes > 0) {
      const { log } = this.#options;
      log.warn(
        { check: check.metadata.name, dropped_bytes: result.droppedBytes },
        "the output is too long and was cut",
      );
    }
    const output = this.#options.maskSecrets ? maskSecrets(result.output, secrets) : result.output;
    // A signal's -1 travels as an unsigned number (W-100).
    return withOutput({ ...check, status: result.status >>> 0, duration: result.durationSeconds }, output);
  }

  async #fail(event: Event & { check: Check }, reason: string): Promise<void> {
    const { log, now, send } = this.#options;
    log.error({ check: event.check.metadata.name, error: reason }, "check execution failed");
    await send({ event: failureEvent(event, reason, now()) });
  }
}

/** The reason why a check cannot be run, or `undefined` (W-93 step 6). */
function checkProblem(config: CheckConfig): string | undefined {
  try {
    validateCheckConfig(config);
    return undefined;
  } catch (error) {
    if (!(error instanceof SensuError)) throw error;
    return `given check is invalid: ${error.message}`;
  }
}
