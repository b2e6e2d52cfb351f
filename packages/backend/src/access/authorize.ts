import {
  type Caller,
  type ClusterRole,
  type ClusterRoleBinding,
  type Dangling,
  type Decision,
  decide,
  loggable,
  missingRights,
  type Question,
  type Role,
  type RoleBinding,
  type Roles,
  SensuError,
  visibleNamespaces,
} from "@sensu-ts/core";
import { type Clock, type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";

const WARN_EVERY_MS = 60_000;
const MAX_WARNED = 1000;

/** Hears of every decision that a request met. */
export interface Audit {
  record(caller: Caller, question: Question, decision: Decision): void;
}

/** Asks the roles in memory: no store read for a request. */
export class Authorizer {
  readonly #roles: Roles;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #audit: Audit | undefined;
  /** When a dangling binding was last mentioned, ms. */
  readonly #warned = new Map<string, number>();

  constructor(roles: Roles, log: Logger, clock: Clock = SYSTEM_CLOCK, audit?: Audit) {
    this.#roles = roles;
    this.#log = log;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Throws `denied`. Its text names a missing role when that may be why. */
  authorize(caller: Caller, question: Question): void {
    const decision = this.decide(caller, question);
    this.#audit?.record(caller, question, decision);
    if (decision.allowed) return;
    this.#log.debug({ ...loggable(question), user: caller.username }, "request not authorized");
    throw new SensuError("denied", decision.dangling[0]?.message);
  }

  /** S-292: throws `denied`, with what is missing, unless the caller may do all that the written one lets others do. */
  authorizeGrant(
    caller: Caller,
    written: Role | ClusterRole | RoleBinding | ClusterRoleBinding,
    question: Question,
  ): void {
    const missing = missingRights(caller, written, this.#roles);
    if (missing.length === 0) return;
    this.#audit?.record(caller, question, { allowed: false, dangling: [] });
    this.#log.debug({ ...question, user: caller.username, missing }, "grant not authorized");
    throw new SensuError(
      "denied",
      `rbac-escalation-check: you cannot grant what you may not do yourself: ${missing.join(", ")}`,
    );
  }

  allows(caller: Caller, question: Question): boolean {
    return this.decide(caller, question).allowed;
  }

  /** The whole answer, with the deciding binding and rule. */
  decide(caller: Caller, question: Question): Decision {
    const decision = decide(caller, question, this.#roles);
    for (const dangling of decision.dangling) this.#warn(dangling);
    return decision;
  }

  /** Those of `namespaces` the caller sees (S-317). */
  visibleNamespaces(caller: Caller, namespaces: readonly string[]): readonly string[] {
    return visibleNamespaces(caller, namespaces, this.#roles);
  }

  #warn(dangling: Dangling): void {
    const now = this.#clock.now();
    const id = `${dangling.namespace}/${dangling.binding}`;
    if (now - (this.#warned.get(id) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return;
    if (this.#warned.size >= MAX_WARNED) this.#warned.clear();
    this.#warned.set(id, now);
    this.#log.warn(
      { binding: dangling.binding, namespace: dangling.namespace, error: dangling.message },
      "skipped a binding whose role does not exist",
    );
  }
}
