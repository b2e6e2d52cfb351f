/** Where the page lives on its origin (U-9): what the backend wrote into it, with a slash at both ends. */
const meta = typeof document === "undefined" ? undefined : document.querySelector('meta[name="base-path"]');
export const BASE = meta?.getAttribute("content") || "/";

/** Address of a path that begins with a slash, as the page itself names it. */
export function inBase(path: string): string {
  return BASE.slice(0, -1) + path;
}

/** Name under which this page keeps something: two of them on one origin do not share it. */
export function keyInBase(name: string): string {
  return BASE === "/" ? name : `${name} ${BASE}`;
}
