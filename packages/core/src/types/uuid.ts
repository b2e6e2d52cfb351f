/** UUID text and its 16 bytes. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function formatUuid(id: Uint8Array): string {
  let text = "";
  for (let i = 0; i < id.length; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX[id[i] as number];
  }
  return text;
}

/** Accepts the hyphenated, braced, `urn:uuid:` and bare forms; `""` is no id. Throws `TypeError` on anything else. */
export function parseUuid(text: string): Uint8Array {
  if (text === "") return new Uint8Array(0);
  const match =
    /^(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i.exec(text) ??
    /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}$/i.exec(text) ??
    /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(text);
  if (match === null) throw new TypeError(`invalid UUID ${JSON.stringify(text.slice(0, 60))}`);
  const hex = match.slice(1).join("");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
