import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { resolveOptions, SensuError } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { AGENT_OPTIONS, ENVIRONMENT_PREFIX } from "./options.ts";
import { agentSettings } from "./settings.ts";

function settings(...argv: string[]) {
  const { values, origins, errors } = resolveOptions(AGENT_OPTIONS, { argv, env: {}, envPrefix: ENVIRONMENT_PREFIX });
  expect(errors).toEqual([]);
  const warnings: string[] = [];
  return { ...agentSettings(values, origins, warnings), warnings };
}

test.each([
  [["--log-level", "loud"], 'not a valid logrus Level: "loud"'],
  [
    ["--keepalive-critical-timeout", "100"],
    "if set, --keepalive-critical-timeout must be greater than --keepalive-warning-timeout",
  ],
  [
    ["--keepalive-interval", "130", "--keepalive-warning-timeout", "0", "--keepalive-critical-timeout", "130"],
    "keepalive critical timeout must be greater than keepalive interval",
  ],
  [["--keepalive-interval", "120"], "keepalive warning timeout must be greater than keepalive interval"],
  [["--name", "a b"], "invalid agent name: cannot contain spaces or special characters"],
  [
    ["--keepalive-warning-timeout", "4", "--keepalive-interval", "1"],
    "bad keepalive timeout: 4 (minimum value is 5 seconds)",
  ],
  [
    ["--keepalive-warning-timeout", "0", "--keepalive-critical-timeout", "4", "--keepalive-interval", "1"],
    "bad keepalive critical timeout: 4 (minimum value is 5 seconds)",
  ],
  [["--backend-url", ""], "no backend URLs defined"],
  [["--backend-url", "http://a"], "backend URL (http://a) must have ws:// or wss:// scheme"],
  [["--backend-url", "::"], "bad backend URL (::)"],
  [["--backend-url", "ws://u:p@a"], "a backend URL must not hold a user name or password"],
  [["--allow-list", "a.txt"], "allow-list a.txt: invalid file extension"],
  [["--allow-list-strict"], "allow-list-strict needs allow-list"],
  [["--require-fips"], "require-fips: Node.js does not run in FIPS mode here; remove it to start without"],
])("%j stops the start: %s", (argv, text) => {
  expect(() => settings(...argv)).toThrowError(new SensuError("invalid", text));
});

test.each([
  ["ws://h", "ws://h:8081"],
  ["ws://h:80", "ws://h:80"],
  ["wss://h:443/p?q=1", "wss://h:443/p?q=1"],
  ["wss://[::1]", "wss://[::1]:8081"],
  ["ws://[::1]:9/x", "ws://[::1]:9/x"],
])("backend URL %s is dialled as %s", (given, dialled) => {
  expect(settings("--backend-url", given).link.urls).toEqual([dialled]);
});

/** Flags of `sensu-agent start` 6.13 and 6.14 (W-83), with a value that each takes. */
const ORIGINAL_FLAGS =
  `agent-managed-entity allow-list= annotations=a=b api-host=h api-port=1 assets-burst-limit=1 assets-cleanup-interval=1
  assets-cleanup-max-age=1 assets-rate-limit=1 backend-handshake-timeout=1 backend-heartbeat-interval=1
  backend-heartbeat-timeout=2 backend-url=ws://h cache-dir=d cert-file=c config-file= deregister deregistration-handler=h
  detect-cloud-provider disable-api disable-assets disable-sockets discover-processes events-burst-limit=1
  events-rate-limit=1 insecure-skip-tls-verify keepalive-check-annotations=a=b keepalive-check-labels=a=b
  keepalive-critical-timeout=200 keepalive-handlers=h keepalive-interval=5 keepalive-pipelines=core/v2.Pipeline.p
  keepalive-warning-timeout=100 key-file=k labels=a=b log-level=warn max-session-length=1m name=n namespace=n password=p
  redact=r require-fips=false retry-max=1s retry-min=1s retry-multiplier=1.5 socket-host=h socket-port=1 statsd-disable
  statsd-event-handlers=h statsd-flush-interval=1 statsd-metrics-host=h statsd-metrics-port=1 strip-networks
  subscriptions=s trusted-ca-file=c user=u id=n keepalive-timeout=100`
    .split(/\s+/)
    .map((flag) => `--${flag}`);

test("every flag of the original is known, and those without effect are named in one warning", () => {
  const { errors, values, origins } = resolveOptions(AGENT_OPTIONS, {
    argv: ORIGINAL_FLAGS,
    env: {},
    envPrefix: ENVIRONMENT_PREFIX,
  });
  expect(errors).toEqual([]);
  const warnings: string[] = [];
  agentSettings(values, origins, warnings);
  expect(warnings.filter((text) => text.includes("without effect"))).toEqual([
    "options without effect in this version: assets-burst-limit, assets-cleanup-interval, assets-cleanup-max-age, assets-rate-limit, discover-processes, socket-host, socket-port, statsd-event-handlers, statsd-flush-interval, statsd-metrics-host, statsd-metrics-port",
  ]);
});

test("switching off what is not there is no fault; switching it on is", () => {
  expect(settings("--disable-sockets", "--statsd-disable").warnings).toEqual([]);
  expect(settings("--disable-sockets=false").warnings).toEqual([
    "options without effect in this version: disable-sockets",
  ]);
});

test("equal timeouts pass; the default critical timeout yields to a longer warning timeout", () => {
  const equal = settings("--keepalive-critical-timeout", "120").keepalive;
  expect(equal).toMatchObject({ warningTimeout: 120, criticalTimeout: 120 });
  expect(settings().keepalive.criticalTimeout).toBe(240);
  expect(settings("--keepalive-warning-timeout", "300").keepalive.criticalTimeout).toBe(0);
});

test("an agent that manages its entity is labelled so", () => {
  const { entity } = settings("--agent-managed-entity", "--labels", "a=b");
  expect(entity.metadata?.labels).toEqual({ a: "b", "sensu.io/managed_by": "sensu-agent" });
});

test("either file of a client certificate replaces the password", () => {
  expect(settings().link.credentials).toEqual({ user: "agent", password: "P@ssw0rd!" });
  expect(settings("--cert-file", "c", "--key-file", "k")).toMatchObject({ warnings: [] });
});

test.each([
  ["cert-file", "key-file"],
  ["key-file", "cert-file"],
])("%s alone replaces the password too, and %s is asked for (S-147)", (given, missing) => {
  const { link, warnings } = settings(`--${given}`, "f");
  expect(link.credentials).toBeUndefined();
  expect(link.halfPair).toContain(`${missing} is not set`);
  expect(warnings).toEqual([expect.stringContaining(`${missing} is not set`)]);
});

test("the password may come from a file, and one on the command line is warned about", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "agent-")), "password");
  writeFileSync(file, "geheim\n", { mode: 0o600 });
  const fromFile = settings("--password-file", file);
  expect(fromFile.link.credentials?.password).toBe("geheim");
  expect(fromFile.warnings).toEqual([]);
  expect(settings("--password", "x").warnings[0]).toContain("password-file");
  expect(() => settings("--password-file", `${file}x`)).toThrowError(/cannot be read: ENOENT/);
});

test("the token of the agent's API comes from a file (S-394)", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "agent-")), "token");
  const fails = () => expect(() => settings("--api-token-file", file));
  expect(settings().api).toMatchObject({ token: "", unixSocket: "" });
  fails().toThrowError(`token file ${file} cannot be read: ENOENT`);
  writeFileSync(file, " t0ken\n", { mode: 0o600 });
  expect(settings("--api-token-file", file)).toMatchObject({ api: { token: "t0ken" }, warnings: [] });
  expect(settings("--api-unix-socket", "/run/a.sock").api?.unixSocket).toBe("/run/a.sock");
  for (const text of ["", "\n", "two words", "t\u00f6ken"]) {
    writeFileSync(file, text);
    fails().toThrowError(`api-token-file ${file}: want one word of printable ASCII characters in it`);
  }
});

test.each([
  ["password-file", "password"],
  ["api-token-file", "token"],
  ["key-file", "private key"],
] as const)("%s that everybody can read is told of, or refused (S-404)", (option, what) => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "agent-")), "secret");
  writeFileSync(file, "s3cret", { mode: 0o644 });
  const given = [...(option === "key-file" ? ["--cert-file", "c"] : []), `--${option}`, file];
  const exposed = `${option}: ${what} ${file} is readable by everybody (mode 0644, owner ${process.getuid?.()})`;
  // Of a key its pair tells, when it is read (client-certificate.ts).
  const warned = option === "key-file" ? [] : [`${exposed}: chmod o-r ${file}`];
  expect(settings(...given).warnings).toEqual(warned);
  const strict = [...given, "--strict-permissions"];
  expect(() => settings(...strict)).toThrowError(`${exposed}, which strict-permissions forbids: chmod o-r ${file}`);
  chmodSync(file, 0o640);
  expect(settings(...strict).warnings).toEqual([]);
});

test("a heartbeat timeout not above the interval is replaced", () => {
  const { link, warnings } = settings("--backend-heartbeat-interval", "60");
  expect(link).toMatchObject({ heartbeatIntervalMs: 60_000, heartbeatTimeoutMs: 100_000 });
  expect(warnings).toHaveLength(1);
});

test("waits beyond what timers can do are as long as they can be", () => {
  const { link, keepalive } = settings(
    ...["--max-session-length", "720h", "--retry-max", "9000h", "--backend-heartbeat-timeout", "3000000"],
    ...["--keepalive-interval", "3000000", "--keepalive-warning-timeout", "4000000"],
    ...["--keepalive-critical-timeout", "5000000"],
  );
  expect(link.maxSessionMs).toBe(2 ** 31 - 1);
  expect(link.retry.maxMs).toBe(2 ** 31 - 1);
  expect(link.heartbeatTimeoutMs).toBe(2 ** 31 - 1);
  expect(keepalive.interval).toBe(3_000_000);
});

test("keepalive pipelines are found in the text, others are skipped with a warning", () => {
  const { keepalive, warnings } = settings("--keepalive-pipelines", "core/v2.Pipeline.ops,core/v2.Pipeline  b,x");
  expect(keepalive.pipelines).toEqual([
    { api_version: "core/v2", type: "Pipeline", name: "ops" },
    { api_version: "core/v2", type: "Pipeline", name: "b" },
  ]);
  expect(warnings).toHaveLength(1);
});
