import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { runCommand } from "./command.ts";

const text = async (command: string) => (await runCommand({ command })).output.toString();

test.each([
  ["true", 0],
  ["exit 7", 7],
  ["exit 255", 255],
  ["kill -9 $$", -1],
  ["/no/such/file", 127],
  ["/dev/null", 126],
])("status of %s is %d", async (command, status) => {
  expect((await runCommand({ command })).status).toBe(status);
});

test("stdout and stderr keep their order", async () => {
  const wanted = Array.from({ length: 50 }, (_, i) => `o${i}\ne${i}\n`).join("");
  expect(await text("i=0; while [ $i -lt 50 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done")).toBe(wanted);
});

test("the shell names itself as a plain sh -c does", async () => {
  expect(await text("echo $0; no-such-command-here")).toMatch(/^sh\nsh: .*no-such-command-here.*not found\n$/);
});

test("a timeout kills the whole group at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  const pidFile = join(folder, "pid");
  const command = `echo begun; sleep 300 & echo $! > ${pidFile}; sleep 300`;
  const result = await runCommand({ command, timeoutMs: 400 });
  expect(result).toMatchObject({ status: 2, timedOut: true });
  expect(result.output.toString()).toBe("Execution timed out\nbegun\n");
  expect(result.durationSeconds).toBeLessThan(5);
  const pid = Number(readFileSync(pidFile, "utf8"));
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test("a timeout of years is no timeout of now", async () => {
  const result = await runCommand({ command: "sleep 0.2; echo done", timeoutMs: 0xffff_ffff * 1000 });
  expect(result).toMatchObject({ status: 0, timedOut: false });
});

test("a command that ignores SIGTERM does not outlive its timeout", async () => {
  const result = await runCommand({ command: "trap '' TERM; sleep 300; sleep 300", timeoutMs: 200 });
  expect(result.status).toBe(2);
});

test("a finished shell whose child holds the output is waited for until the timeout", async () => {
  const result = await runCommand({ command: "sleep 300 & echo done", timeoutMs: 300 });
  expect(result).toMatchObject({ status: 2, timedOut: true });
  expect(result.output.toString()).toContain("done");
});

test("a descendant that left the group does not hold the result", async () => {
  const result = await runCommand({ command: "setsid sleep 3 & echo done", timeoutMs: 200 });
  expect(result.status).toBe(2);
  expect(result.durationSeconds).toBeLessThan(2);
});

test("a child in the background that gave the output back is not waited for", async () => {
  const result = await runCommand({ command: "sleep 3 >/dev/null 2>&1 & echo done" });
  expect(result.status).toBe(0);
  expect(result.durationSeconds).toBeLessThan(2.5);
});

test("stdin is passed whole and ends; without it there is nothing to read", async () => {
  const stdin = "é".repeat(100_000);
  expect((await runCommand({ command: "wc -c", stdin })).output.toString().trim()).toBe("200000");
  expect(await text("cat")).toBe("");
});

test("a command that does not read its stdin harms nobody", async () => {
  const result = await runCommand({ command: "exec 0<&-; echo ok", stdin: "x".repeat(1_000_000) });
  expect(result).toMatchObject({ status: 0 });
  expect(result.output.toString()).toBe("ok\n");
});

test("the environment is exactly the one given", async () => {
  const result = await runCommand({ command: "env | sort", env: { B: "2 3", PATH: "/bin:/usr/bin" } });
  expect(
    result.output
      .toString()
      .split("\n")
      .filter((line) => !/^(PWD|_|SHLVL)=/.test(line)),
  ).toEqual(["B=2 3", "PATH=/bin:/usr/bin", ""]);
});

test("cwd is used", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "command-")));
  expect((await runCommand({ command: "pwd", cwd: folder })).output.toString()).toBe(`${folder}\n`);
});

test("output beyond the bound is read and dropped", async () => {
  const result = await runCommand({ command: "head -c 200000 /dev/zero; exit 3", maxOutputBytes: 1000 });
  expect(result).toMatchObject({ status: 3, droppedBytes: 199_000 });
  expect(result.output.length).toBe(1000);
});

test("binary output is kept byte by byte", async () => {
  expect((await runCommand({ command: "printf '\\377\\000\\376'" })).output).toEqual(Buffer.of(255, 0, 254));
});

test.each([
  ["a folder that is not there", { command: "true", cwd: "/no/such/folder" }],
  ["a command with a null byte", { command: "true \0" }],
  ["a command too long for the system", { command: `: ${"x".repeat(4_000_000)}` }],
])("what cannot be started is status 3 with the reason: %s", async (_, request) => {
  const result = await runCommand(request);
  expect(result.status).toBe(3);
  expect(result.startError).toBeTruthy();
  expect(result.output.toString()).toBe(result.startError);
});

test("the signal ends the command and its children", async () => {
  const abort = new AbortController();
  const running = runCommand({ command: "sleep 300 & sleep 300", signal: abort.signal });
  abort.abort();
  expect((await running).status).toBe(-1);
  expect(await runCommand({ command: "true", signal: abort.signal })).toMatchObject({ status: 3 });
});

function isRunning(pid: number): boolean {
  try {
    // A killed orphan may wait as a zombie for init; that is not running.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("a command ends with a program that is killed, and runs as it would have otherwise", async () => {
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  const source = JSON.stringify(join(import.meta.dirname, "command.ts"));
  const script = `import { runCommand } from ${source};
    const { output } = await runCommand({ command: "echo $0; nothing-here", endsWithProgram: true });
    console.log(output.toString());
    await runCommand({ command: "echo $$ > pid; exec sleep 600", endsWithProgram: true });`;
  const program = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: folder });
  let printed = "";
  program.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const pid = await until("the command runs", () => Number(readFileSync(join(folder, "pid"), "utf8")) || undefined);
  process.kill(pid, 0);
  program.kill("SIGKILL");
  await until("the command is gone", () => (alive(pid) ? undefined : true));
  expect(printed).toMatch(/^sh\nsh: .*nothing-here.*not found\n/);
});

function alive(pid: number): boolean {
  try {
    // A zombie that nobody waits for is gone, too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
