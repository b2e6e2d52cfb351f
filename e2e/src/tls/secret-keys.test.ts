/** Secret keys stay secret: no file of one is ever readable by others, and no message quotes one (SD-000-23, S-71). */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ADMIN, bundleCommand, run, startBackend, TestCa, temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { TRACED_CALLS, widestModes } from "./file-trace.ts";

const [PKI = ""] = bundleCommand("sensu-pki");
const CFSSL = path.join(path.dirname(PKI), "cfssl");
const CFSSLJSON = `${CFSSL}json`;

/** Everything that writes keys, each where files are new and where they are replaced. */
const SCRIPT = `set -e
umask 000
export SENSU_PKI_DIR=$PWD/tls
${PKI} init
${PKI} issue backend b1.lab.test
${PKI} issue agent
${PKI} renew b1.lab.test --rekey
${PKI} renew-ca
${PKI} revoke agent
${PKI} jwt-keys --curve p256
echo '{"CN":"Lab CA","key":{"algo":"rsa","size":2048}}' | ${CFSSL} gencert -initca - | ${CFSSLJSON} -bare lab
echo '{"CN":"agent","hosts":[""],"key":{"algo":"rsa","size":2048}}' |
  ${CFSSL} gencert -ca=lab.pem -ca-key=lab-key.pem -hostname="" - | ${CFSSLJSON} -bare agent
echo '{"CN":"agent","hosts":[""],"key":{"algo":"ecdsa","size":256}}' |
  ${CFSSL} gencert -ca=lab.pem -ca-key=lab-key.pem -hostname="" - | ${CFSSLJSON} -bare agent
`;

function filesWithKeys(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => /PRIVATE KEY-----/.test(readFileSync(file, "latin1")));
}

test("SD-000-23: no key file is wider than 0600 at any moment, as the kernel sees it", async () => {
  using folder = temporaryFolder();
  const traceFile = path.join(folder.path, "trace");
  const output = await run(["strace", "-f", "-s", "4096", "-e", TRACED_CALLS, "-o", traceFile, "sh", "-c", SCRIPT], {
    cwd: folder.path,
  });
  expect({ code: output.code, stderr: output.stderr }).toMatchObject({ code: 0 });
  expect(output.stdout + output.stderr).not.toMatch(/PRIVATE KEY/);
  const modes = widestModes(traceFile, folder.path);
  const keys = filesWithKeys(folder.path);
  expect(keys.map((file) => path.relative(folder.path, file)).sort()).toEqual([
    "agent-key.pem",
    "lab-key.pem",
    "tls/agent-key.pem",
    "tls/b1.lab.test-key.pem",
    "tls/b1.lab.test-key.pem.1",
    "tls/ca-key.pem",
    "tls/jwt-private-key.pem",
  ]);
  for (const file of keys) {
    const mode = modes.get(file);
    expect(mode, `the trace knows of ${file}`).toBeDefined();
    expect([file, ((mode ?? 0o777) & ~0o600).toString(8)]).toEqual([file, "0"]);
    expect(statSync(file).mode & 0o177).toBe(0);
  }
});

test("the backend's state is for its user alone, and holds no key file", async () => {
  using folder = temporaryFolder();
  const stateDir = path.join(folder.path, "state");
  const { certFile, keyFile } = TestCa.root().issueServer().write(folder.path, "server");
  const backend = await startBackend({ stateDir, args: ["--cert-file", certFile, "--key-file", keyFile] });
  const argv = readFileSync(`/proc/${backend.program.pid}/cmdline`, "utf8");
  const environment = readFileSync(`/proc/${backend.program.pid}/environ`, "utf8");
  await backend.program.stop();
  expect(argv + environment).not.toContain(ADMIN.password);
  expect(filesWithKeys(stateDir)).toEqual([]);
  expect((statSync(stateDir).mode & 0o777).toString(8)).toBe("700");
});

/** Lines of a PEM body that are long enough to be recognised anywhere. */
function bodyLines(pem: string): string[] {
  return pem.split("\n").filter((line) => line.length >= 32 && !line.startsWith("-----"));
}

test("errors about bad files never quote a key", async () => {
  using folder = temporaryFolder();
  const authority = TestCa.root();
  const pair = authority.issueServer({ key: "rsa2048" });
  const { certFile, keyFile } = pair.write(folder.path, "server");
  const other = authority.issueServer().write(folder.path, "other");
  const write = (name: string, text: string) => {
    const file = path.join(folder.path, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const half = write("half-key.pem", pair.keyPem.slice(0, pair.keyPem.length / 2));
  const broken = write("broken-key.pem", pair.keyPem.replace(/\n(.{20})/, "\n!!!!$1"));
  const encrypted = write(
    "encrypted-key.pem",
    String(pair.key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "lab-passphrase" })),
  );
  const secrets = [
    ...bodyLines(pair.keyPem),
    ...bodyLines(readFileSync(other.keyFile, "utf8")),
    ...bodyLines(readFileSync(encrypted, "utf8")),
  ];
  const state = ["--state-dir", path.join(folder.path, "state"), "--cache-dir", path.join(folder.path, "cache")];
  const [sensuBackend = ""] = bundleCommand("sensu-backend");
  const start = (cert: string, key: string) => [
    ...[sensuBackend, "start", ...state, "--api-listen-address", "127.0.0.1:0", "--agent-port", "0"],
    ...["--dashboard-port", "0", "--cert-file", cert, "--key-file", key],
  ];
  const commands: Record<string, string[]> = {
    "half a key": start(certFile, half),
    "a broken key": start(certFile, broken),
    "an encrypted key": start(certFile, encrypted),
    "another's key": start(certFile, other.keyFile),
    "a key for a certificate": start(keyFile, keyFile),
    "a certificate for a key": start(certFile, certFile),
    "a key for a CA": [PKI, "check", keyFile],
    "a broken key to check": [PKI, "check", certFile],
  };
  for (const [what, command] of Object.entries(commands)) {
    const { code, stdout, stderr } = await run(command);
    const said = stdout + stderr;
    if (!what.endsWith("check")) expect([what, code]).not.toEqual([what, 0]);
    expect([what, said === ""]).toEqual([what, false]);
    expect([what, secrets.filter((line) => said.includes(line))]).toEqual([what, []]);
  }
});
