/** The search box holds the whole filter; menus and chips write into the same text (U-100). */

/** Value of `key:` in the text, or undefined. */
export function termOf(text: string, key: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${key}:(?:"([^"]*)"?|(\\S*))`).exec(text);
  return match ? (match[1] ?? match[2]) : undefined;
}

/** The text with `key:value` in place of an earlier one; without it when `value` is undefined. */
export function withTerm(text: string, key: string, value: string | undefined): string {
  const rest = text
    .replace(new RegExp(`(^|\\s)${key}:(?:"[^"]*"?|\\S*)`, "g"), "$1")
    .replace(/\s+/g, " ")
    .trim();
  if (value === undefined) return rest;
  const term = `${key}:${/\s/.test(value) ? `"${value}"` : value}`;
  return rest === "" ? term : `${term} ${rest}`;
}
