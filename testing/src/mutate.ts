/** Input that was right once, damaged as programs and people damage it. The same seed gives the same damage. */

export interface Random {
  /** A whole number from 0 up to, but without, `below`. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: 32 bits of state are plenty for choosing damage. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, pick: (from) => from[below(from.length)] as never };
}

/** Bytes with one to four faults: flipped, cut out, doubled, put in, cut off, or lengths that promise too much. */
export function damagedBytes(random: Random, input: Uint8Array): Buffer {
  let bytes = Buffer.from(input);
  for (let faults = 1 + random.below(4); faults > 0; faults--) {
    const at = random.below(bytes.length + 1);
    const end = Math.min(bytes.length, at + 1 + random.below(12));
    const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    const noise = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
    bytes = Buffer.concat(
      random.pick([
        [before, Buffer.from(part.map((byte) => byte ^ (1 << random.below(8)))), after],
        [before, after],
        [before, part, part, part, after],
        [before, noise, part, after],
        [before],
        [before, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), after],
        [before, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), part, after],
      ]),
    );
  }
  return bytes;
}

/** What stands where something else was expected. */
const WRONG: readonly unknown[] = [
  ...[null, true, 0, -1, 0.5, 1e21, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), "", " ", "x", "0", "a/b", "..", "\u0000"],
  ...["\ud800", "é\u0301", "__proto__", "constructor", "{{ .name }}", "%s%n", "x".repeat(3000), [], {}, [null]],
  ...[[[[[[]]]]], [{}], [1, "a"], { "": 1 }, { __proto__: 1, constructor: { prototype: 1 } }, { name: {} }],
];

function wrong(random: Random): unknown {
  return structuredClone(random.pick(WRONG));
}

/** A copy of a JSON tree in which one to three values are of another kind, missing, doubled, or of no known name. */
export function damagedTree(random: Random, input: unknown): unknown {
  let tree = structuredClone(input);
  for (let faults = 1 + random.below(3); faults > 0; faults--) tree = withFault(random, tree);
  return tree;
}

function withFault(random: Random, tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null || random.below(40) === 0) return wrong(random);
  const node = tree as Record<string, unknown>;
  const keys = Object.keys(node);
  const key = keys.length > 0 ? random.pick(keys) : "name";
  if (random.below(2) === 0) {
    node[key] = withFault(random, node[key]);
    return tree;
  }
  const kind = random.below(6);
  if (kind === 0) delete node[key];
  else if (kind === 1) node[key.toUpperCase()] = wrong(random);
  else if (kind === 2 && !Array.isArray(node)) node[String(wrong(random))] = node[key];
  else if (kind === 3)
    node[key] = Array.from({ length: JSON.stringify(node[key] ?? null).length < 200 ? 300 : 2 }, () =>
      structuredClone(node[key]),
    );
  else node[key] = wrong(random);
  return tree;
}
