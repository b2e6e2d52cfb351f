/** Tokens in what a backend sends (section 13 of the agent specification). */
import { invalid } from "@sensu-ts/core";

/**
 * Refuses a check or hook with tokens: run as it is, it would do something else than meant. Throws
 * `SensuError("invalid")`.
 */
export function refuseTokens(message: unknown): void {
  if (holdsToken(message)) throw invalid("this agent cannot substitute tokens yet");
}

function holdsToken(value: unknown): boolean {
  if (typeof value === "string") return value.includes("{{");
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
  return Object.values(value).some(holdsToken);
}
