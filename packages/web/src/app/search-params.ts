/** Query parameters as plain texts, an empty one kept: `?q=` is not the same as no `q` (U-101). */
export function readSearch(text: string): Record<string, string> {
  const search: Record<string, string> = {};
  const filters: string[] = [];
  for (const [key, value] of new URLSearchParams(text)) {
    if (key === "filters") filters.push(value);
    else search[key] = value;
  }
  // Links of older releases: `filters=status:warning` is the same term here (U-57).
  if (filters.length > 0 && search["q"] === undefined) search["q"] = filters.join(" ");
  return search;
}

export function writeSearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
