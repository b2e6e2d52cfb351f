/**
 * The first string after all strings that start with `prefix`, in bytewise (UTF-8) order; undefined when there is none
 * (empty prefix: all keys).
 */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    // UTF-8 has no surrogates: the code point after U+D7FF is U+E000.
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}

/** Orders strings as the stores do: by their UTF-8 bytes, which is the order of code points, not of UTF-16 units. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates (astral code points) sort after U+E000 to U+FFFF.
    return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The first key a list under `prefix` may give when it goes on after the key `after`. */
export function firstKey(prefix: string, after: string | undefined): string {
  if (after === undefined || compareKeys(after, prefix) < 0) return prefix;
  return `${after}\0`;
}
