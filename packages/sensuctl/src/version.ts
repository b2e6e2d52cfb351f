// The bundler puts the version of the root package here.
export const VERSION: string = process.env.SENSU_TS_VERSION ?? "0.1.0";

/** As the backend's `/version` has it: the release of Sensu Go whose interfaces these are. */
const COMPATIBLE_VERSION = "6.14.2";

/** Parsers match `version ([0-9.]+)` and ask for 5 or 6 (C-96). */
export function versionLine(): string {
  const built = `build sensu-ts ${VERSION}, built with node ${process.version}`;
  return `sensuctl version ${COMPATIBLE_VERSION}+ce, community edition, ${built}`;
}
