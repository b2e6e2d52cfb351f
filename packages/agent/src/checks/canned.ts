/** A check with this command is answered without running anything, for load tests (W-105). */
export const CANNED_COMMAND = "!sensu_test_check!";

/** About a kilobyte, which is what a plugin may print. */
export const CANNED_OUTPUT = `${"canned output of a load test: all is well. ".repeat(24)}\n`;
