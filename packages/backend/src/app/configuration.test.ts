import { expect, test } from "vitest";
import { configure, idleFlags, resolve } from "./configuration.ts";
import { INIT_OPTIONS, START_OPTIONS, UPGRADE_OPTIONS } from "./options.ts";

function start(argv: readonly string[], env: Record<string, string> = {}) {
  return configure(resolve(START_OPTIONS, { argv, env }));
}

test("flags go before the environment, and both before the defaults", () => {
  const { options } = start(["--agent-port", "1"], {
    SENSU_BACKEND_AGENT_PORT: "2",
    SENSU_BACKEND_DASHBOARD_PORT: "3",
  });
  expect([options["agent-port"], options["dashboard-port"], options["api-listen-address"]]).toEqual([
    1,
    3,
    "[::]:8080",
  ]);
});

test("an option without effect is accepted and named in one warning", () => {
  const { warnings } = start(["--etcd-discovery", "a", "--require-openssl"]);
  expect(warnings).toEqual(["options without effect in this version or store mode: require-openssl, etcd-discovery"]);
});

test.each([
  ["init", INIT_OPTIONS],
  ["upgrade", UPGRADE_OPTIONS],
] as const)("%s takes the original's flags and names those that are idle", (_command, rows) => {
  const argv = ["--access-token-expiry", "10m", "--max-silenced-expiry-time-allowed", "1h", "--etcd-client-urls", "a"];
  const resolution = resolve(rows, { argv, env: {} });
  expect(resolution.errors).toEqual([]);
  expect(idleFlags(resolution)).toEqual([
    "options without effect on the built-in store: etcd-client-urls",
    expect.stringMatching(/^options that count for sensu-backend start only: .*access-token-expiry/),
  ]);
});

test("what belongs to mTLS warns when mTLS is off: nobody must believe it is on", () => {
  const off = start(["--agent-auth-trusted-ca-file", "ca.pem"]);
  expect(off.warnings).toEqual([expect.stringMatching(/^agent-auth-trusted-ca-file: without effect/)]);
  const pair = ["--agent-auth-cert-file", "c.pem", "--agent-auth-key-file", "k.pem"];
  expect(start(["--agent-auth-trusted-ca-file", "ca.pem", ...pair]).warnings).toEqual([]);
});

test.each([
  [["--log-level", "loud"], 'not a valid logrus Level: "loud"'],
  [["--cert-file", "a"], "tls configuration error, both flags --cert-file & --key-file are required"],
  [["--dashboard-key-file", "a"], "dashboard tls configuration error"],
  [["--no-embed-etcd"], "this version does not have no-embed-etcd"],
  [["--agent-auth-cert-file", "a"], "agent tls configuration error, both flags --agent-auth-cert-file"],
  [["--agent-auth-key-file", "a"], "agent tls configuration error"],
  [["--api-auth-trusted-ca-file", "a"], "api-auth-trusted-ca-file asks for certificates on a plaintext port"],
  [["--dashboard-auth-trusted-ca-file", "a"], "dashboard-auth-trusted-ca-file asks for certificates on a plaintext"],
  [["--agent-websocket-accept-hash", "md5"], "agent-websocket-accept-hash must be one of sha1, sha256"],
  [["--etcd-initial-cluster", "a=http://a:2380,b=http://b:2380"], "runs a single backend"],
  [["--no-such-flag"], "unknown flag: --no-such-flag"],
  [["-c", "/no/such/file.yml"], "open /no/such/file.yml"],
])("%j does not start", (argv, message) => {
  expect(() => start(argv)).toThrow(message);
});

test("B-303 a named file that cannot be read is told in plain words", () => {
  expect(() => start(["-c", "/nowhere/backend.yml"])).toThrow(
    /^open \/nowhere\/backend\.yml: no such file or directory; every option has a default, so an empty file will do$/,
  );
  expect(() => start(["-c", "/"])).toThrow(/^read \/: is a directory$/);
});
