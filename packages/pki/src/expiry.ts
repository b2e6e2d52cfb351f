/** How long a certificate still lasts. */
import type { Certificate } from "./cert.ts";

export const DAY = 86_400_000;

export type Validity = "valid" | "expiring" | "expired" | "not yet valid";

/** Whole days until the end, rounded down; negative once it has passed. */
export function daysLeft(certificate: Certificate, now: Date): number {
  return Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY);
}

/** `expiring`: fewer than `warningDays` days are left. */
export function validityOf(certificate: Certificate, now: Date, warningDays: number): Validity {
  if (now > certificate.notAfter) return "expired";
  if (now < certificate.notBefore) return "not yet valid";
  return certificate.notAfter.getTime() - now.getTime() < warningDays * DAY ? "expiring" : "valid";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As `openssl x509 -enddate` prints it, the day padded with a blank: `Jul  3 22:23:50 2021 GMT` (S-93). */
export function opensslDate(date: Date): string {
  const clock = date.toISOString().slice(11, 19);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock} ${date.getUTCFullYear()} GMT`;
}
