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

/** `full`: the page holds as many rows as it may. */
export function steadyRows<R>(
  shown: readonly R[],
  wanted: readonly R[],
  keyOf: (row: R) => string,
  full: boolean,
): SteadyRows<R> {
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
  const held = new Set(shown.map(keyOf));
  const come = wanted.length - kept.length;
  let newOrGone = come + left.size;
  if (full) {
    // A row that comes pushes the last one off, and one that goes lets another follow: one change each.
    const lastLeft = trailing(shown, (row) => left.has(keyOf(row)));
    const lastCome = trailing(wanted, (row) => !held.has(keyOf(row)));
    const doubled = Math.min(come, lastLeft) + Math.min(left.size, lastCome);
    newOrGone = Math.max(come, left.size, newOrGone - doubled);
  }
  const changes = newOrGone + kept.length - longestRise(kept);
  return { rows: same ? shown : rows, changes, left };
}

/** How many at the end are so. */
function trailing<R>(rows: readonly R[], so: (row: R) => boolean): number {
  return rows.length - 1 - rows.findLastIndex((row) => !so(row));
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
