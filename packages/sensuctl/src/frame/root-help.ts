import { COMMANDS, SUMMARY } from "../registrations.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import { groupHelp } from "./help.ts";

export function rootHelp(): string {
  const rows = Object.entries(COMMANDS).map(([name, { kind, summary }]) => ({ name, kind, summary }));
  return groupHelp("sensuctl", SUMMARY, rows, GLOBAL_FLAGS);
}
