/** A log whose lines a test reads. */
import type { LogFields, Logger } from "@sensu-ts/runtime";

export interface TestLog extends Logger {
  readonly lines: string[];
}

/** Lines read `level: message`, with their fields behind when there are any. */
export function testLog(): TestLog {
  const lines: string[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => {
    const more = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : "";
    lines.push(`${level}: ${message}${more}`);
  };
  const log: TestLog = {
    ...{ lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    component: () => log,
  };
  return log;
}
