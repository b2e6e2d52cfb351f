import { type Question, SensuError } from "@sensu-ts/core";
import type { Identity } from "../access/identity.ts";
import type { UiAccess } from "./ports.ts";

/** Throws `denied` with the right that is missing, and keeps a record of it. */
export function requireRight(access: Pick<UiAccess, "authorize">, identity: Identity, question: Question): void {
  try {
    access.authorize(identity, question);
  } catch (cause) {
    if (!(cause instanceof SensuError) || cause.code !== "denied") throw cause;
    throw new SensuError("denied", `missing permission: ${question.verb} ${question.resource}`, { cause });
  }
}
