import type { Logger } from "@sensu-ts/runtime";

/** A log nobody reads: for tests and for tools that report in their own way. */
export const silentLog: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  component: () => silentLog,
};
