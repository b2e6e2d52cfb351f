/** The certificate guide on hosts: tools, trust store, browser, files made again. Ids are rows of the checklist. */
import { Machine, type Shell } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { AGENT, BACKENDS, CA, DOWNLOAD, FOLDER, MODE, OWNER, PROFILES, TRUST } from "./seed-000.ts";
import { SMALL_STORE } from "./site.ts";

const BACKEND = BACKENDS[0] ?? "";

/** The guide up to the agent's pair, typed by root with our programs, the CA's key taken away. */
async function followed(shell: Shell): Promise<void> {
  await shell.done(SMALL_STORE);
  await shell.done("sensu-pki names install; hash -r");
  for (const line of [...FOLDER, CA, PROFILES, BACKEND, AGENT]) await shell.done(line);
  await shell.done("mv ca-key.pem /root/");
  for (const line of [OWNER, MODE]) await shell.done(line);
}

test("SD-000-11 SD-000-12 SD-000-13 a download over our two names wins and damages nothing of ours", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(SMALL_STORE);
  await shell.done(`sensu-pki names install
sensu-pki init --dir /root/ca && sensu-pki issue backend github.com --dir /root/ca
ln -s /root/ca/ca.pem /usr/local/share/ca-certificates/test.crt && update-ca-certificates
echo 127.0.0.1 github.com >> /etc/hosts
mkdir -p /srv/cloudflare/cfssl/releases/download/v1.4.1
for name in cfssl cfssljson; do cp /usr/bin/$name /srv/cloudflare/cfssl/releases/download/v1.4.1/\${name}_1.4.1_linux_amd64; done`);
  const program = await shell.done("sha256sum /usr/lib/sensu-ts/dist/sensu-pki/main.js /usr/lib/sensu-ts/bin/cfssl");
  const server = machine.start(
    [
      ...["openssl", "s_server", "-accept", "443", "-WWW", "-cert", "/root/ca/github.com.pem"],
      ...["-key", "/root/ca/github.com-key.pem"],
    ],
    { cwd: "/srv" },
  );
  await server.waitForLine(/ACCEPT/);
  for (const line of Object.values(DOWNLOAD)) await shell.done(line);
  expect(await shell.done("hash -r; cfssl version")).toContain("Version: 1.2.0");
  expect(await shell.done("sha256sum /usr/lib/sensu-ts/dist/sensu-pki/main.js /usr/lib/sensu-ts/bin/cfssl")).toBe(
    program,
  );
  for (const line of [...FOLDER, CA, PROFILES, BACKEND]) await shell.done(line);
  expect(await shell.done("openssl verify -CAfile ca.pem backend-1.example.com.pem")).toContain("OK");
  expect((await shell.type("sensu-pki names install")).err).toContain("--force");
  expect(await shell.done("dpkg -S /usr/bin/cfssl")).toBe("golang-cfssl: /usr/bin/cfssl\n");
});

test("SD-000-10 an ordinary user makes the files at home, without root and without our daemons", async () => {
  await using machine = await Machine.start();
  await machine.text("useradd -m alice");
  await using shell = machine.login({ user: "alice", cwd: "/home/alice", env: { HOME: "/home/alice" } });
  await shell.done("sensu-pki names install ~/bin; export PATH=~/bin:$PATH; mkdir tls; cd tls");
  for (const line of [CA, PROFILES, BACKEND, AGENT]) await shell.done(line);
  expect(await shell.done("stat -c '%U %a' agent-key.pem ca-key.pem")).toBe("alice 600\nalice 600\n");
  await shell.done(
    "export SENSU_PKI_DIR=~/own; sensu-pki init; sensu-pki issue backend b1.lab.test; sensu-pki issue agent",
  );
  expect(await shell.done("sensu-pki check")).toMatch(/^OK: 3 certificates\n/);
});

test("SD-000-23 SD-003-21 a key is never wider than 0600, not even while it is written", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done("sensu-pki names install; hash -r; umask 022");
  for (const line of FOLDER) await shell.done(line);
  const traced = (line: string) =>
    shell.done(
      `strace -f -qq -e trace=open,openat,creat,chmod,fchmod,fchmodat,rename,renameat,renameat2,link -o /root/trace bash -c '${line.replaceAll("'", `'\\''`)}'
cat /root/trace; rm /root/trace`,
    );
  const trace = [
    await traced(CA),
    await shell.done(PROFILES),
    await traced(BACKEND),
    await traced("sensu-pki issue agent"),
  ]
    .join("")
    .split("\n");
  // Whatever becomes a key by a rename was made as 0600.
  const keyNames = new Set<string>();
  for (const line of trace) {
    const [, from, to] = /rename\w*\("([^"]+)", "([^"]+)"/.exec(line) ?? [];
    if (to?.includes("-key.pem") === true && from !== undefined) keyNames.add(from);
  }
  expect(keyNames.size).toBe(3);
  const made = trace.filter(
    (line) => line.includes("O_CREAT") && [...keyNames].some((name) => line.includes(`"${name}"`)),
  );
  expect(made).toHaveLength(3);
  for (const line of made) expect(line).toMatch(/O_EXCL.*, 0600\)/);
  expect(
    trace.filter((line) => line.includes("-key.pem") && line.includes("O_CREAT") && !line.includes("0600")),
  ).toEqual([]);
  const modes = trace.filter((line) => /f?chmod\w*\(/.test(line)).map((line) => /, (0\d+)\)/.exec(line)?.[1]);
  // Of the two keys of cfssljson, then of the agent's pair; the others are certificates and requests.
  expect(modes.filter((mode) => mode !== "0644" && mode !== "0751")).toEqual(["0600", "0600", "0400", "0400"]);
});

test("SD-000-54 SD-000-57 the trust store takes no CA whose key lies beside it", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(SMALL_STORE);
  await shell.done("sensu-pki init");
  const refused = await shell.type("sensu-pki trust install");
  expect(refused).toMatchObject({ status: 1, err: expect.stringContaining("/etc/sensu/tls/ca-key.pem") });
  await shell.done("rm /etc/sensu/tls/ca-key.pem; sensu-pki trust install");
});

test("SD-000-60 SD-000-61 SD-000-62 SD-000-63 SD-000-64 SD-003-29 the trust store by the guide's lines: everybody trusts the CA", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await followed(shell);
  // No package lists: what is installed is the newest, without asking the network.
  await shell.done("rm -rf /var/lib/apt/lists/*; mkdir -p /var/lib/apt/lists/partial");
  const verify = (how: string) =>
    shell.type(`runuser -u nobody -- openssl verify ${how} /tmp/backend.pem`).then(({ status }) => status);
  await shell.done("cp backend-1.example.com.pem /tmp/backend.pem; chmod 644 /tmp/backend.pem");
  expect(await verify("-CApath /etc/ssl/certs")).not.toBe(0);
  for (const line of Object.values(TRUST)) await shell.done(line);
  expect(await shell.done("stat -c '%a %U' ca.pem; readlink /usr/local/share/ca-certificates/sensu-ca.crt")).toBe(
    "644 root\n/etc/sensu/tls/ca.pem\n",
  );
  expect(await verify("-no-CAfile -CApath /etc/ssl/certs")).toBe(0);
  expect(await verify("-no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt")).toBe(0);
  // Again: links are replaced, nothing fails.
  for (const line of Object.values(TRUST)) await shell.done(line);
});

test("SD-000-63 a folder that others may not enter blocks the link: doctor says it, trust install repairs it", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(SMALL_STORE);
  await shell.done("sensu-pki init; sensu-pki issue agent; rm /etc/sensu/tls/ca-key.pem; sensu-pki trust install");
  await shell.done(`cp /etc/sensu/tls/agent.pem /tmp; chmod 644 /tmp/agent.pem; chmod 750 /etc/sensu/tls
printf 'cert-file: /etc/sensu/tls/agent.pem\\nkey-file: /etc/sensu/tls/agent-key.pem\\n' > /etc/sensu/agent.yml`);
  const verify = () =>
    shell.type("runuser -u nobody -- openssl verify -no-CAfile -CApath /etc/ssl/certs /tmp/agent.pem");
  expect((await verify()).status).not.toBe(0);
  const sick = await shell.type("sensu-pki doctor --agent /etc/sensu/agent.yml");
  expect(sick.status).toBe(1);
  expect(sick.out).toBe(
    "warning: trust store: /usr/local/share/ca-certificates/sensu-ca.crt cannot be followed by other users at /etc/sensu/tls: sensu-pki trust install repairs it\n",
  );
  await shell.done("sensu-pki trust install");
  expect((await verify()).status).toBe(0);
  expect(await shell.done("sensu-pki doctor --agent /etc/sensu/agent.yml; stat -c %a /etc/sensu/tls")).toBe(
    "no findings\n751\n",
  );
  await shell.done("sensu-pki trust remove");
  expect((await verify()).status).not.toBe(0);
});

test("SD-000-65 SD-000-66 SD-000-67 steps for other systems are printed, nothing is done", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done("sensu-pki init; rm /etc/sensu/tls/ca-key.pem");
  const steps = (platform: string) => shell.done(`sensu-pki trust install --dry-run --platform ${platform}`);
  expect(await steps("rhel")).toBe(`chmod 644 /etc/sensu/tls/ca.pem
chown root /etc/sensu/tls/ca.pem
yum install -y ca-certificates
update-ca-trust force-enable
ln -sfv /etc/sensu/tls/ca.pem /etc/pki/ca-trust/source/anchors/sensu-ca.pem
update-ca-trust
`);
  expect(await steps("macos")).toBe(
    "security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain /etc/sensu/tls/ca.pem\n",
  );
  expect(await steps("windows")).toBe("certutil -addstore -f Root /etc/sensu/tls/ca.pem\n");
  expect(await shell.done("ls /usr/local/share/ca-certificates | grep -c sensu || true")).toBe("0\n");
});

test("SD-000-59 Chromium shows its warning until the CA is in its own database", { timeout: 120_000 }, async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(SMALL_STORE);
  await shell.done(`sensu-pki init; sensu-pki issue backend backend-1.example.com; mv /etc/sensu/tls/ca-key.pem /root/
sensu-pki trust install; useradd -m alice`);
  const server = machine.start([
    ...["openssl", "s_server", "-accept", "3000", "-www", "-cert", "/etc/sensu/tls/backend-1.example.com.pem"],
    ...["-key", "/etc/sensu/tls/backend-1.example.com-key.pem"],
  ]);
  await server.waitForLine(/ACCEPT/);
  const alice = { user: "alice", cwd: "/home/alice", env: { HOME: "/home/alice" } };
  const open = () =>
    machine.shell(
      "chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --dump-dom https://localhost:3000/",
      alice,
    );
  const before = await open();
  expect(before.stdout).toBe("");
  expect(before.stderr).toContain("ERR_CERT_AUTHORITY_INVALID");
  expect(await machine.text("curl -sS https://localhost:3000/")).toMatch(/^<HTML>/);
  await machine.text("sensu-pki trust install --browser", alice);
  expect((await open()).stdout).toContain("s_server");
  await machine.text("sensu-pki trust remove --browser", alice);
  expect((await open()).stderr).toContain("ERR_CERT_AUTHORITY_INVALID");
  const system = await machine.shell("sensu-pki trust install", alice);
  expect(system).toMatchObject({ code: 1, stderr: expect.stringMatching(/sudo\n$/) });
});

test("SD-000-84 SD-003-22 a line typed again replaces 0400 files of sensu; owner and mode stay", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await followed(shell);
  const seen = () => shell.done("stat -c '%U %G %a %n' *; openssl x509 -noout -serial -in backend-1.example.com.pem");
  const before = await seen();
  await shell.done(`mv /root/ca-key.pem .; ${BACKEND}\nmv ca-key.pem /root/`);
  const after = await seen();
  expect(after.split("serial=")[0]).toBe(before.split("serial=")[0]);
  expect(after).not.toBe(before);
  expect(after).toContain("sensu root 400 backend-1.example.com-key.pem");
});

test("SD-000-85 a CA made again names what it orphans; check tells that the trust store has the old one", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await followed(shell);
  for (const line of [TRUST.mode, TRUST.owner, TRUST.link, TRUST.update]) await shell.done(line);
  await shell.done("sensu-pki check ca.pem");
  const again = await shell.type(CA);
  expect(again.status).toBe(0);
  expect(again.err).toMatch(
    /\[WARNING\] the new ca\.pem does not verify .*: agent\.pem, backend-1\.example\.com\.pem\n/,
  );
  const check = await shell.type("sensu-pki check ca.pem");
  expect(check).toMatchObject({ status: 1, out: expect.stringContaining("run update-ca-certificates") });
  await shell.done(TRUST.update);
  await shell.done("sensu-pki check ca.pem");
});

test("SD-000-75 an end date has its day padded, as OpenSSL prints it", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await followed(shell);
  await shell.done(`echo '{"signing":{"default":{"usages":["client auth"],"expiry":"24h","not_after":"2035-07-03T22:23:50Z"}}}' > /tmp/c.json
echo '{"CN":"old","hosts":[""],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -config=/tmp/c.json -ca=ca.pem -ca-key=/root/ca-key.pem - | cfssljson -bare /tmp/old`);
  const line = await shell.done("openssl x509 -noout -enddate -in /tmp/old.pem");
  expect(line).toBe("notAfter=Jul  3 22:23:50 2035 GMT\n");
  expect((await shell.type("sensu-pki check /tmp/old.pem")).out).toContain(line);
});

test("the guide may be typed twice, and resumed after any line", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await followed(shell);
  const lines = [
    ...FOLDER,
    CA,
    PROFILES,
    ...BACKENDS,
    OWNER,
    MODE,
    AGENT,
    OWNER,
    MODE,
    TRUST.mode,
    TRUST.owner,
    TRUST.link,
  ];
  for (const line of lines) await shell.done(line);
  expect(await shell.done("openssl verify -CAfile ca.pem backend-?.example.com.pem agent.pem | grep -c OK")).toBe(
    "4\n",
  );
});
