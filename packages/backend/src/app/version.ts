/**
 * The release of Sensu Go whose interfaces these are, for programs that look at `/version` before they talk:
 * to them 0.x would be older than anything they know.
 */
export const COMPATIBLE_VERSION = "6.14.2";

/** Set by the build; sources run directly say so. */
export const VERSION = process.env["SENSU_TS_VERSION"] ?? "0.0.0-source";
