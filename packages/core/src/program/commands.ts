/** A program's own commands with those that every program has. */
import type { Command, Program } from "./command.ts";
import { completionCommand } from "./shells.ts";

export function commandsOf(program: Program): readonly Command[] {
  const helping = { name: "help", summary: "Help about any command", options: [] };
  return [...program.commands, completionCommand(program.name), helping].sort((a, b) => (a.name < b.name ? -1 : 1));
}
