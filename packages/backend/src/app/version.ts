/** Set by the build; sources run directly say so. */
export const VERSION = process.env["SENSU_TS_VERSION"] ?? "0.0.0-source";
