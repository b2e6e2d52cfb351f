import { expect, test } from "vitest";
import { commandLine, parseEnvironmentFile, parseUnit, words } from "./unit.ts";

const UNIT = `# comment
[Unit]
Description=A service
After=network-online.target
[Service]
User=sensu
EnvironmentFile=-/etc/default/x
EnvironmentFile=/etc/x
Environment="A=b c" D=e
ExecStart=/bin/x \\
  --flag
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1.5
TimeoutStopSec=2min
RuntimeDirectory=sensu
`;

test("a unit file becomes what the stand-in does", () => {
  expect(parseUnit("x.service", "/f", UNIT)).toEqual({
    name: "x.service",
    file: "/f",
    description: "A service",
    user: "sensu",
    group: "sensu",
    workingDirectory: "/",
    environment: ["A=b c", "D=e"],
    environmentFiles: [
      { path: "/etc/default/x", optional: true },
      { path: "/etc/x", optional: false },
    ],
    noFile: 524288,
    runtimeDirectories: ["sensu"],
    preserveRuntimeDirectory: false,
    execStart: "/bin/x    --flag",
    execReload: ["/bin/kill -HUP $MAINPID"],
    restart: "on-failure",
    restartDelayMs: 1500,
    stopTimeoutMs: 120_000,
  });
});

test.each([
  ["[Service]\nExecStart=/x\nProtectSystem=strict", "Service.ProtectSystem"],
  ["[Service]\nExecStart=/x\nType=notify", "Type=notify"],
  ["[Service]\nExecStart=/x\nRestart=on-abort", "Restart=on-abort"],
  ["[Service]\nExecStart=/x\nRestartSec=soon", "time soon"],
  ["[Service]\nUser=sensu", "want one ExecStart, has 0"],
  ["[Service]\nnonsense", "nonsense"],
])("a unit the stand-in cannot do as systemd does is refused: %s", (text, reason) => {
  expect(() => parseUnit("x.service", "/f", text)).toThrow(reason);
});

test("words are split and variables put in as systemd does", () => {
  expect(words(`a "b c" 'd "e"' f\\ g ""`)).toEqual(["a", "b c", 'd "e"', "f g", ""]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's own form.
  expect(commandLine("/x $MANY -${ONE}- $NONE", { MANY: "a b", ONE: "c d" })).toEqual(["/x", "a", "b", "-c d-"]);
});

test("environment files: comments, quotes, what is no assignment", () => {
  const text = `# no\n; no\nA=1\nB="two words"\nC='$A'\nexport D=4\n E = 5\nF=a\\\nb\nG=`;
  expect(parseEnvironmentFile(text)).toEqual({ A: "1", B: "two words", C: "$A", F: "ab", G: "" });
});
