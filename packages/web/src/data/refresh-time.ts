/** Renewed when less than this is left, seconds (U-20); of short lives the last third. */
const REFRESH_BEFORE = 90;

/**
 * When to renew a token that has just come, by the clock of this computer, which may be minutes off the backend's
 * (U-228): `expiresAt` is unix seconds of the backend's clock, `date` the `Date` header that came with it.
 */
export function refreshTime(expiresAt: number, date: string | null, now: number): number {
  const sent = Date.parse(date ?? "") / 1000;
  const life = Math.max(0, expiresAt - (Number.isNaN(sent) ? now : sent));
  return now + Math.max(life - REFRESH_BEFORE, (life * 2) / 3);
}
