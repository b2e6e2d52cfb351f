/** What actions need of other rooms; each room builds its own side. */
import type { CheckConfig, Event } from "@sensu-ts/core";
import type { EventKey } from "@sensu-ts/store";
import type { AdhocRun } from "../schedule/mod.ts";

/** liveness/, which hands over to ingest/ */
export interface EventIntake {
  /** Resolves after the durable commit; an event without a check, after it entered the pipeline queue. */
  submit(event: Event, options?: { readonly createdBy?: string }): Promise<void>;
}

/** liveness/ */
export interface Deadlines {
  /** The event is gone: neither keepalive nor TTL of it is due any more. */
  forget(key: EventKey): void | Promise<void>;
}

/** schedule/ */
export interface CheckRunner {
  /** Runs the check now; resolves with the Unix second it was issued at. */
  execute(namespace: string, check: CheckConfig, adhoc: AdhocRun): Promise<number>;
}

/** runtime sandbox */
export interface ScriptChecker {
  /** Why the code cannot be parsed; undefined when it can. */
  checkSyntax(code: string): Promise<string | undefined>;
}

/** bus/: tells pages and logs that an event is gone. */
export interface EventNotices {
  deleted(key: EventKey): void;
}
