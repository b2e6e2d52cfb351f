/**
 * One copy in memory of what is equal: thousands of agents report the same few hundred values again and again, and a
 * copy that replaces its equal makes old memory that only a full collection gives back.
 */

type Parts = Record<PropertyKey, unknown>;

/**
 * `known` where it equals `value`; else `value`, with parts of `known` in the place of their equals. `value` is changed
 * for that: it must be freshly decoded. Maps and sets are left as they are.
 */
export function sharing<T>(value: T, known: T): T {
  return share(value, known) as T;
}

function share(value: unknown, known: unknown): unknown {
  if (value === known) return known;
  if (typeof value !== "object" || typeof known !== "object" || value === null || known === null) return value;
  if (value instanceof Uint8Array) return known instanceof Uint8Array && sameBytes(value, known) ? known : value;
  if (!isPlain(value) || Object.getPrototypeOf(value) !== Object.getPrototypeOf(known)) return value;
  const keys = Reflect.ownKeys(value);
  let equal = keys.length === Reflect.ownKeys(known).length;
  // What a schema gives for a field that is absent is one frozen object for all.
  const own = !Object.isFrozen(value);
  for (const key of keys) {
    const [old, part] = [(known as Parts)[key], (value as Parts)[key]];
    // Equal texts too: one made of pieces is several objects.
    const shared = share(part, old);
    if (shared !== old || !Object.hasOwn(known, key)) equal = false;
    else if (own && (typeof old === "object" || typeof old === "string")) (value as Parts)[key] = old;
  }
  return equal ? known : value;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
