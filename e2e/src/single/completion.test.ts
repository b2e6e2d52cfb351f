/** `completion SHELL` of the daemons in the shells themselves, on a terminal of their own. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const BIN = path.resolve(import.meta.dirname, "../../../bin");
const home = temporaryFolder();
const SHELLS = {
  bash: { start: "bash --norc --noprofile -i", load: "source <(%s completion bash)" },
  zsh: { start: "zsh -f -i", load: "autoload -U compinit; compinit -u; source <(%s completion zsh)" },
  fish: { start: "fish --no-config -i", load: "%s completion fish | source" },
};

/** zsh goes back over the space that it put behind a word. */
const BACKSPACE = " \b";

beforeAll(() => {
  writeFileSync(path.join(home.path, "agent.yml"), "");
});
afterAll(() => home[Symbol.dispose]());

/** What the terminal shows once `shown` is there. */
function type(shell: keyof typeof SHELLS, program: string, keys: string, shown: RegExp): Promise<string> {
  const { start, load } = SHELLS[shell];
  const terminal = spawn("script", ["-qfec", start, "/dev/null"], {
    cwd: home.path,
    env: { PATH: `${BIN}:${process.env["PATH"]}`, TERM: "dumb", HOME: home.path, COLUMNS: "100", LC_ALL: "C.UTF-8" },
  });
  let text = "";
  let typed = false;
  return new Promise<string>((resolve, reject) => {
    const limit = AbortSignal.timeout(45_000);
    limit.addEventListener("abort", () => reject(new Error(`${shell} shows ${JSON.stringify(text)}`)));
    terminal.once("error", reject);
    terminal.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      if (!typed && text.includes("ready:2")) {
        typed = true;
        text = "";
        terminal.stdin.write(keys);
      } else if (typed && shown.test(text.replaceAll(BACKSPACE, ""))) resolve(text);
    });
    // The sum is what only a shell that read the line prints.
    const sum = shell === "fish" ? "(math 1+1)" : "$((1+1))";
    terminal.stdin.write(`${load.replaceAll("%s", program)}; echo ready:${sum}\r`);
  }).finally(() => terminal.kill("SIGKILL"));
}

test.each(["bash", "zsh", "fish"] as const)("%s completes commands, flags and files", async (shell) => {
  await type(shell, "sensu-agent", "sensu-agent sta\t--log\t", /sensu-agent start --log-level /);
  await type(shell, "sensu-backend", "sensu-backend start --state-d\t", /start --state-dir /);
  await type(shell, "sensu-agent", "sensu-agent start -c age\t", /-c agent\.yml/);
});

test.each([
  ["bash", /--labels +\(.*\)\r\n--log-level +\(/],
  ["zsh", /--labels +-- .*\r\n--log-level +-- /],
] as const)("%s shows what flags are for", async (shell, shown) => {
  expect(await type(shell, "sensu-agent", "sensu-agent start --l\t\t", shown)).not.toContain("--name");
});
