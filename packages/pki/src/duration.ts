/** Go durations: `4320h`, `1h30m`; there is no unit for days (S-27). */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds; throws with Go's words. */
export function parseDuration(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  const wrong = new Error(`time: invalid duration ${JSON.stringify(text)}`);
  if (rest === "") throw wrong;
  let total = 0;
  const part = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;
  while (part.lastIndex < rest.length) {
    const match = part.exec(rest);
    if (match === null) throw wrong;
    const [, number = "", unit = ""] = match;
    if (unit === "") throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
    const size = UNITS[unit];
    if (size === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(number) * size;
  }
  return sign * total;
}
