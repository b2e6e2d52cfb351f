/**
 * What a list shows while its rows must not move (U-302): those that were there, in their places, each as it is now.
 * Pure.
 */
export interface SteadyRows<R> {
  readonly rows: readonly R[];
  /** Rows that would come, go or move. */
  readonly changes: number;
  /** Keys of rows that are shown but belong here no more. */
  readonly left: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

export function freeRows<R>(rows: readonly R[]): SteadyRows<R> {
  return { rows, changes: 0, left: NONE };
}

export function steadyRows<R>(shown: readonly R[], wanted: readonly R[], keyOf: (row: R) => string): SteadyRows<R> {
  const places = new Map(wanted.map((row, index) => [keyOf(row), index]));
  const left = new Set<string>();
  const kept: number[] = [];
  let same = true;
  const rows = shown.map((row) => {
    const place = places.get(keyOf(row));
    if (place === undefined) {
      left.add(keyOf(row));
      return row;
    }
    kept.push(place);
    const now = wanted[place] ?? row;
    if (now !== row) same = false;
    return now;
  });
  const come = wanted.length - kept.length;
  // A row that comes pushes another off a full page: together they are one change.
  const changes = Math.max(come, left.size) + kept.length - longestRise(kept);
  return { rows: same ? shown : rows, changes, left };
}

/** Length of the longest rising subsequence: the rows that keep their order while the others move past them. */
function longestRise(places: readonly number[]): number {
  /** Smallest end of a rise of each length. */
  const ends: number[] = [];
  for (const place of places) {
    let at = ends.findIndex((end) => end >= place);
    if (at < 0) at = ends.length;
    ends[at] = place;
  }
  return ends.length;
}
