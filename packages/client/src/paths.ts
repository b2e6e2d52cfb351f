/** Percent-escapes like Go's `url.PathEscape`: `$ & + = : @` stay as they are (C-40). */
export function escapeSegment(segment: string): string {
  return encodeURIComponent(segment)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(24|26|2B|3D|3A|40)/g, (escaped) => decodeURIComponent(escaped));
}

/** `apiVersion` e.g. `core/v2`; an empty `namespace` is cluster-wide or all namespaces. */
export function collectionPath(apiVersion: string, namespace: string, collection: string): string {
  const group = apiVersion.startsWith("core/") ? `/api/${apiVersion}` : `/api/enterprise/${apiVersion}`;
  const scope = namespace === "" ? "" : `/namespaces/${escapeSegment(namespace)}`;
  return `${group}${scope}/${collection}`;
}

export function memberPath(apiVersion: string, namespace: string, collection: string, ...names: string[]): string {
  return [collectionPath(apiVersion, namespace, collection), ...names.map(escapeSegment)].join("/");
}

/** Appends form-encoded parameters sorted by name, leaving out empty ones. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) form.append(key, value);
  form.sort();
  const text = form.toString();
  if (text === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${text}`;
}
