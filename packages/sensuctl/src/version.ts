// The bundler puts the version of the root package here.
export const VERSION: string = process.env.SENSU_TS_VERSION ?? "0.1.0";

/** Parsers match `version ([0-9.]+)` (C-96). */
export function versionLine(): string {
  return `sensuctl version ${VERSION}+ce, community edition, built with node ${process.version}`;
}
