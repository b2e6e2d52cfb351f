import { expect, test } from "vitest";
import { defineOptions } from "../options/option.ts";
import type { Program } from "./command.ts";
import { readProgram } from "./program.ts";

const options = defineOptions([
  { name: "config-file", type: "string", default: "", help: "path", short: "c" },
  { name: "debug", type: "bool", default: false, help: "more" },
  { name: "labels", type: "map", default: {}, help: "pairs" },
  { name: "port", type: "int", default: 1, help: "a port" },
  { name: "password", type: "string", default: "", help: "kept out of argv", sources: ["env"] },
]);
const program: Program = {
  name: "sensu-x",
  summary: "sensu x",
  commands: [
    { name: "start", summary: "start it", options },
    { name: "version", summary: "Show the version", options: [], tellsUsage: true },
  ],
};

test.each([
  ["", "stdout", /^sensu x\n\nUsage:\n {2}sensu-x \[command\]\n\nAvailable Commands:\n {2}completion {2}Gen/],
  ["-h", "stdout", "sensu x"],
  ["-h start", "stdout", "sensu x"],
  ["--help=false", "stdout", "sensu x"],
  ["help", "stdout", "sensu x"],
  ["help start", "stdout", /^start it\n\nUsage:\n {2}sensu-x start \[flags\]\n\nFlags:\n {2}-c, --config-file string/],
  ["help start x", "stdout", "start it"],
  ["help version", "stdout", "sensu-x version [flags]"],
  ["help help", "stdout", "sensu-x help [command] [flags]"],
  ["help -h", "stdout", "sensu-x help [command] [flags]"],
  ["help completion zsh", "stdout", "sensu-x completion zsh [flags]"],
  ["help bogus", "stderr", /^Unknown help topic \[`bogus`\]\nUsage:\n/],
  ["start x --debug -h", "stdout", "start it"],
  ["version --help", "stdout", "help for version"],
  ["completion", "stdout", "sensu-x completion [command]"],
  ["completion tcsh", "stdout", "sensu-x completion [command]"],
  ["completion fish -h", "stdout", "~/.config/fish/completions/sensu-x.fish"],
  ["completion bash", "stdout", "complete -o default -F _sensu_x sensu-x\n"],
  ["completion bash", "stdout", "__complete "],
  ["completion bash --no-descriptions", "stdout", "__completeNoDesc "],
  ["completion zsh", "stdout", "#compdef sensu-x\n"],
  ["completion fish", "stdout", "complete -c sensu-x "],
  ["completion powershell", "stdout", "-CommandName 'sensu-x'"],
])("sensu-x %s prints to %s", (line, to, text) => {
  const reading = readProgram(program, words(line));
  expect(reading).toMatchObject({ do: "print", to, text: expect.stringMatching(pattern(text)) });
});

test.each([
  ["bogus", 'unknown command "bogus" for "sensu-x"', "Run 'sensu-x --help' for usage.\n"],
  ["STAT", 'unknown command "STAT" for "sensu-x"', "\nDid you mean this?\n\tstart\n\nRun"],
  ["ver", 'unknown command "ver" for "sensu-x"', "\tversion\n"],
  ["--foo", "unknown flag: --foo", "sensu-x [command]"],
  ["--help=x", 'invalid argument "x" for "-h, --help" flag: strconv.ParseBool: parsing "x": invalid syntax', "Usage:"],
  ["version --foo", "unknown flag: --foo", "sensu-x version [flags]"],
  ["completion --foo", "unknown flag: --foo", "sensu-x completion [command]"],
  ["completion zsh y", 'unknown command "y" for "sensu-x completion zsh"', "sensu-x completion zsh [flags]"],
  ["completion bash --foo", "unknown flag: --foo", "no-descriptions"],
  ["__complete", "requires at least 1 arg(s), only received 0", ""],
])("sensu-x %s is refused with its usage", (line, reason, usage) => {
  const reading = readProgram(program, words(line));
  expect(reading).toMatchObject({ do: "refuse", reason });
  expect((reading as { usage: string }).usage).toMatch(`Error: ${reason}\n`);
  expect((reading as { usage: string }).usage).toContain(usage);
});

test.each([
  ["start --debug", "start"],
  // What is wrong is told by the command itself, and goes before help.
  ["start --foo -h", "start"],
  ["start -h --port x", "start"],
  ["version x", "version"],
])("sensu-x %s runs %s", (line, command) => {
  const [, ...argv] = words(line);
  expect(readProgram(program, words(line))).toEqual({ do: "run", command, argv });
});

const COMMANDS = ["completion", "help", "start", "version"];
test.each([
  ["", COMMANDS, 4],
  ["st", ["start"], 4],
  ['""', COMMANDS, 4],
  ["-", ["--help", "-h"], 4],
  ["help v", ["version"], 4],
  ["help start ", [], 4],
  ["completion ", ["bash", "fish", "powershell", "zsh"], 4],
  ["completion bash -", ["--help", "--no-descriptions", "-h"], 4],
  ["start ", [], 4],
  ["start --", ["--config-file", "--debug", "--help", "--labels", "--port"], 4],
  ["start --debug --d", [], 4],
  ["start --port=1 --p", [], 4],
  ["start --labels a=b --l", ["--labels"], 4],
  ["start -c x -", ["--debug", "--help", "--labels", "--port", "-h"], 4],
  ["start -c ", [], 0],
  ["start --port ", [], 0],
  ["start --port=", [], 0],
  ["start --debug ", [], 4],
  ["start -- ", [], 0],
  ["bogus ", [], 4],
])("after 'sensu-x %s' stand %j", (line, names, directive) => {
  const reading = readProgram(program, ["__completeNoDesc", ...line.split(" ")]);
  const lines = (reading as { text: string }).text.split("\n");
  expect(lines).toEqual([...names, `:${directive}`, ""]);
});

test("candidates come with what they are for", () => {
  expect(readProgram(program, ["__complete", "start", "--po"])).toMatchObject({ text: "--port\ta port\n:4\n" });
});

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}

function pattern(text: string | RegExp): RegExp {
  return text instanceof RegExp ? text : new RegExp(text.replace(/[[\]().*+?^$|\\/]/g, "\\$&"));
}
