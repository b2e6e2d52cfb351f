/** The path below which browsers see the page (U-9), whether or not a proxy cuts it off before it asks us. */
import { invalid } from "@sensu-ts/core";

/** With a slash at both ends. Throws `SensuError("invalid")` for what is no plain path. */
export function readBasePath(text: string): string {
  const parts = text.split("/").filter((part) => part !== "");
  // The page's own file and address hold it: nothing that would have to be escaped there.
  if (!parts.every((part) => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part))) {
    throw invalid(
      `dashboard-base-path ${JSON.stringify(text)} is no path of letters, digits and . _ ~ - such as /sensu/`,
    );
  }
  return parts.length === 0 ? "/" : `/${parts.join("/")}/`;
}

/** What the rest of the page's side sees of a request's URL. */
export function belowBase(url: string, basePath: string): string {
  const base = basePath.slice(0, -1);
  if (base === "" || !url.startsWith(base)) return url;
  const rest = url.slice(base.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : url;
}
