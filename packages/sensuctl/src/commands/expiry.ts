/** Certificates that end soon, told on stderr: the output itself stays the original's (S-103). */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "@sensu-ts/core";
import type { Session } from "../frame/session.ts";

const DAY_MS = 86_400_000;
const WARNING_MS = 30 * DAY_MS;

/** `health` as our backend tells it; others tell nothing of certificates. */
export function warnOfExpiry(session: Session, health: JsonObject, now = Date.now()): void {
  for (const { Option, CommonName, Serial, NotAfter, Healthy } of rowsOf(health["Certificates"])) {
    if (Healthy !== false) continue;
    session.warn(`warning: ${Option}: certificate ${CommonName} (serial ${Serial}) ${when(String(NotAfter), now)}`);
  }
  for (const { Status, Count, FirstNotAfter } of rowsOf(health["AgentCertificates"])) {
    if (Status === "ok") continue;
    const first = `the first ${when(String(FirstNotAfter), now)}`;
    session.warn(
      `warning: ${Count} certificates of connected agents: ${first}; sensuctl agent-session list shows them`,
    );
  }
  const own = session.settings.certFile;
  const end = own === "" ? undefined : endOf(own);
  if (end !== undefined && end.getTime() - now < WARNING_MS) {
    session.warn(`warning: your client certificate ${own} ${when(end.toISOString().replace(/\.\d+/, ""), now)}`);
  }
}

const rowsOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];

function when(end: string, now: number): string {
  const days = Math.floor((Date.parse(end) - now) / DAY_MS);
  if (days > WARNING_MS / DAY_MS) return `is not valid yet (it ends at ${end})`;
  return days < 0 ? `expired at ${end}` : `expires at ${end}, in ${days} ${days === 1 ? "day" : "days"}`;
}

function endOf(file: string): Date | undefined {
  try {
    return new X509Certificate(readFileSync(file)).validToDate;
  } catch {
    // The request that comes before has told what is wrong with it.
    return undefined;
  }
}
