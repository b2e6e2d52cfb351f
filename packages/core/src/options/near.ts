/** Which known name somebody may have meant. */

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

const MOST_EDITS = 3;
/** Longer than any name of ours: not compared. */
const LONGEST = 80;

/**
 * Names at most three edits away, or that hold all words of the name in their order (B-1519): `etcd-listen-urls` is
 * `etcd-listen-client-urls` or `etcd-listen-peer-urls`. Nearest first.
 */
export function nearOptions(name: string, known: Iterable<string>): readonly string[] {
  if (name.length > LONGEST) return [];
  return [...known]
    .map((other) => ({ other, edits: editDistance(name, other) }))
    .filter(({ other, edits }) => edits <= MOST_EDITS || holdsWords(other, name))
    .sort((a, b) => a.edits - b.edits || (a.other < b.other ? -1 : 1))
    .map(({ other }) => other);
}

function holdsWords(name: string, words: string): boolean {
  const wanted = words.split("-");
  if (wanted.length < 2) return false;
  let next = 0;
  for (const word of name.split("-")) if (word === wanted[next]) next++;
  return next === wanted.length;
}
