/** When certificates end, and how they hang together. Pure: `now` is unix seconds. */
import type { CertificateRow } from "./wire.ts";

const DAY = 86_400;
/** Banner and colours begin here (U-328). */
const WARNING_DAYS = 30;
const CRITICAL_DAYS = 7;
/** A revocation list is signed anew every few days or weeks: it is late in the last tenth of its time. */
const LIST_SHARE = 0.1;

/** Whole days, negative once it has ended. */
export function daysLeft(row: CertificateRow, now: number): number {
  return Math.floor((row.not_after - now) / DAY);
}

export type Urgency = "critical" | "warning" | "passing";

export function urgencyOf(row: CertificateRow, now: number): Urgency {
  const days = daysLeft(row, now);
  if (row.problems.length > 0 || (row.role !== "crl" && days < CRITICAL_DAYS)) return "critical";
  return endsSoon(row, now) ? "warning" : "passing";
}

function endsSoon(row: CertificateRow, now: number, fromSeconds = WARNING_DAYS * DAY): boolean {
  if (row.not_after === 0) return false;
  if (row.role === "crl") return row.not_after - now < (row.not_after - row.not_before) * LIST_SHARE;
  return row.not_after - now < fromSeconds;
}

/** `expires in 5 days`, `expired 2 days ago`. */
export function leftText(row: CertificateRow, now: number): string {
  const days = daysLeft(row, now);
  if (row.not_after === 0) return "no end";
  if (days < 0) return days === -1 ? "ended today" : `ended ${-days - 1} ${days === -2 ? "day" : "days"} ago`;
  if (days === 0) return "ends today";
  return days === 1 ? "1 day left" : `${days} days left`;
}

export interface Group {
  readonly title: string;
  readonly rows: readonly CertificateRow[];
}

const GROUPS: readonly (readonly [below: number, title: string])[] = [
  [0, "Expired"],
  [7, "Under 7 days"],
  [14, "Under 14 days"],
  [21, "Under 21 days"],
  [30, "Under 30 days"],
  [Number.POSITIVE_INFINITY, "Later"],
];

/** The soonest first; groups without rows are left out (U-327). */
export function groupsOf(rows: readonly CertificateRow[], now: number): readonly Group[] {
  const sorted = [...rows].sort((a, b) => endOf(a) - endOf(b));
  let from = Number.NEGATIVE_INFINITY;
  return GROUPS.map(([below, title]) => {
    const group = sorted.filter((row) => {
      const days = row.not_after === 0 ? Number.MAX_VALUE : daysLeft(row, now);
      return days >= from && days < below;
    });
    from = below;
    return { title, rows: group };
  }).filter((group) => group.rows.length > 0);
}

/** A revocation list need not say when the next one comes. */
const endOf = (row: CertificateRow) => (row.not_after === 0 ? Number.MAX_VALUE : row.not_after);

export interface Month {
  /** `2026-12`. */
  readonly key: string;
  readonly count: number;
  /** Days on which certificates end, with how many do. */
  readonly days: readonly { readonly day: string; readonly count: number }[];
}

/** The next twelve months, this one first. */
export function monthsOf(rows: readonly CertificateRow[], now: number): readonly Month[] {
  const start = new Date(now * 1000);
  return Array.from({ length: 12 }, (_, i) => {
    const key = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + i)).toISOString().slice(0, 7);
    const counts = new Map<string, number>();
    for (const row of rows) {
      const day = dayOf(row);
      if (day.startsWith(key)) counts.set(day, (counts.get(day) ?? 0) + 1);
    }
    const days = [...counts].map(([day, count]) => ({ day, count })).sort((a, b) => (a.day < b.day ? -1 : 1));
    return { key, count: days.reduce((sum, { count }) => sum + count, 0), days };
  });
}

export function dayOf(row: CertificateRow): string {
  return row.not_after === 0 ? "" : new Date(row.not_after * 1000).toISOString().slice(0, 10);
}

export interface Branch {
  readonly name: string;
  /** Absent for an authority of which only the name is known. */
  readonly row: CertificateRow | undefined;
  readonly below: readonly Branch[];
}

/** Authorities with what they issued (U-327). */
export function treeOf(rows: readonly CertificateRow[]): readonly Branch[] {
  const authorities = new Map<string, CertificateRow>();
  for (const row of rows) if (row.role === "ca" && !authorities.has(row.subject)) authorities.set(row.subject, row);
  const known = [...authorities.values()];
  const rest = rows.filter((row) => row.role !== "ca");
  const branch = (name: string, row: CertificateRow | undefined, above: readonly string[]): Branch => ({
    name,
    row,
    below: [
      ...known
        .filter((ca) => ca.issuer === name && ca.subject !== name && !above.includes(ca.subject))
        .map((ca) => branch(ca.subject, ca, [...above, name])),
      ...rest.filter((leaf) => leaf.issuer === name).map((leaf) => ({ name: titleOf(leaf), row: leaf, below: [] })),
    ],
  });
  const tops = known.filter((ca) => ca.issuer === ca.subject || !authorities.has(ca.issuer));
  const strangers = new Set(rest.map((row) => row.issuer).filter((issuer) => !authorities.has(issuer)));
  return [
    ...tops.map((ca) => branch(ca.subject, ca, [])),
    ...[...strangers].map((name) => branch(name, undefined, [])),
  ];
}

/** What a person calls it: the common name, else the whole subject, else where it comes from. */
export function titleOf(row: CertificateRow): string {
  if (row.role === "check") return [row.entity, row.subject].filter((part) => part !== "").join(", ");
  if (row.role === "crl") return `Revocation list of ${commonName(row.issuer)}`;
  return commonName(row.subject) || row.sans[0] || row.file;
}

export function commonName(subject: string): string {
  return /(?:^|, )CN=([^,]+)/.exec(subject)?.[1] ?? subject;
}

/** For the banner: those that end within so many seconds (lists: soon for a list) or have ended. */
export function endingSoon(
  rows: readonly CertificateRow[],
  now: number,
  fromSeconds: number,
): readonly CertificateRow[] {
  return rows.filter((row) => endsSoon(row, now, fromSeconds)).sort((a, b) => a.not_after - b.not_after);
}
