import { readFileSync } from "node:fs";

/** The bundle has it built in; the sources read the workspace's package file. */
export const VERSION: string =
  process.env["SENSU_TS_VERSION"] ??
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;

/** One line that configuration-management tools parse (W-77). */
export function versionLine(program: string): string {
  return `${program} version ${VERSION}+ce, community edition, built with node ${process.version}`;
}
