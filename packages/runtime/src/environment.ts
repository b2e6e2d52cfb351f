/** Environments of users' commands (W-102, P-133). */

/** These are lists of folders: a later value goes before the former instead of replacing it. */
const PATH_LISTS = new Set(["PATH", "CPATH", "LD_LIBRARY_PATH"]);

/** `NAME=value` texts to variables; texts without `=` are dropped. */
export function parseEnvironment(texts: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const text of texts) {
    const sign = text.indexOf("=");
    if (sign >= 0) variables[text.slice(0, sign)] = text.slice(sign + 1);
  }
  return variables;
}

/**
 * Later sets win. Never yields an empty element in a path list: that would be the current directory, where the
 * original creates one.
 */
export function mergeEnvironments(
  ...sets: readonly Readonly<Record<string, string | undefined>>[]
): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const set of sets) {
    for (const [name, value] of Object.entries(set)) {
      if (value === undefined || name === "") continue;
      const before = merged[name];
      if (!PATH_LISTS.has(name)) merged[name] = value;
      else if (value !== "") merged[name] = before === undefined || before === "" ? value : `${value}:${before}`;
    }
  }
  return merged;
}
