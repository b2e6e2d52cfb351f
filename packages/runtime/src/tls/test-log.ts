/** A log whose lines a test reads. */
import type { LogFields, Logger } from "../log.ts";

export interface TestLog extends Logger {
  readonly lines: string[];
}

/** Lines read `level: message`. */
export function testLog(): TestLog {
  const lines: string[] = [];
  const at = (level: string) => (_fields: LogFields, message: string) => void lines.push(`${level}: ${message}`);
  const log: TestLog = {
    ...{ lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    component: () => log,
  };
  return log;
}
