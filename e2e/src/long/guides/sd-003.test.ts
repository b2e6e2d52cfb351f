/**
 * The article on mTLS, its blocks exactly as printed (keys in a spelling that no tool ever wrote), on a machine with our
 * packages and the certificate guide's files. Ids are rows of the checklist; the page on securing prints the same options.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BACKEND_MTLS as PAGE_MTLS, withFiles } from "../../guides/seed-001.ts";
import { AGENT_CA, AGENT_MTLS, AGENT_TLS, BACKEND_MTLS, RESTART, SHOW_CN, STORE, TLS } from "../../guides/seed-003.ts";
import { Site, warningsOf } from "../../guides/site.ts";

const CA = ["--trusted-ca-file", "/etc/sensu/tls/ca.pem"] as const;
const TO_BACKEND = ["--backend-url", "wss://127.0.0.1:8081", ...CA] as const;

let site: Site;

beforeAll(async () => {
  site = await Site.start();
  await site.makeCertificates();
}, 240_000);

afterAll(() => site?.[Symbol.asyncDispose]());

/** A pair of the CA, made with the archived key, that user `sensu` can read: flags for an agent. */
async function pairOf(name: string, commonName: string, profile = "agent"): Promise<readonly string[]> {
  await site.shell.done(`cd /etc/sensu/tls; mkdir -p /tmp/pairs; echo '{"CN":"${commonName}","hosts":[""],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -config=ca-config.json -ca=ca.pem -ca-key=/root/ca-key.pem -hostname="" -profile=${profile} - 2>/dev/null | cfssljson -bare /tmp/pairs/${name}
chown sensu /tmp/pairs/${name}*; cd`);
  return [
    ...TO_BACKEND,
    "--name",
    name,
    "--cert-file",
    `/tmp/pairs/${name}.pem`,
    "--key-file",
    `/tmp/pairs/${name}-key.pem`,
  ];
}

/** Starts an agent by hand, waits for what it says, and ends it. */
async function saying(flags: readonly string[], pattern: RegExp): Promise<string> {
  await using agent = site.byHand(flags);
  return (await agent.waitForLine(pattern, 40_000))[0];
}

const CONNECTED = /successfully connected/;

test("SD-003-63 new option values wait for a restart", { timeout: 120_000 }, async () => {
  await site.backend(TLS);
  await site.machine.write("/etc/sensu/backend.yml", TLS + BACKEND_MTLS);
  await saying([...TO_BACKEND, "--name", "by-password"], CONNECTED);
  await site.mark("sensu-backend");
  await site.shell.done(RESTART);
  await site.line("sensu-backend", /ready to accept events/);
  await saying(
    [...TO_BACKEND, "--name", "by-password"],
    /handshake failed with status 401: client certificate rejected/,
  );
});

test("SD-001-48 half a pair is refused; without a CA file everybody's CA counts and that is said loudly", async () => {
  const start = (configuration: string) =>
    site.machine
      .write("/tmp/refused.yml", configuration)
      .then(() =>
        site.machine.shell(
          "sudo -u sensu timeout 20 sensu-backend start --config-file /tmp/refused.yml --state-dir /tmp/refused",
        ),
      );
  for (const [, line] of BACKEND_MTLS.split("\n").slice(0, 2).entries()) {
    expect((await start(`${line}\n`)).stderr).toContain("agent-auth-cert-file");
  }
  await site.backend(TLS + BACKEND_MTLS.replace(/agent-auth-trusted.*\n/, ""));
  const said = warningsOf(await site.journal("sensu-backend")).filter((line) =>
    line.includes("agent-auth-trusted-ca-file"),
  );
  expect(said).toHaveLength(1);
});

describe("all blocks joined, exactly as printed", () => {
  beforeAll(async () => {
    await site.backend(STORE + TLS + BACKEND_MTLS);
    await site.agent(AGENT_TLS + AGENT_CA + AGENT_MTLS);
    await site.line("sensu-agent", CONNECTED);
    await site.login("https://localhost:8080", CA.join(" "));
  }, 120_000);

  test("SD-003-64 SD-003-34 SD-003-36 SD-003-61 SD-003-33 SD-003-35 SD-003-37 SD-003-38 SD-000-43 SD-003-32 SD-001-52 SD-003-24 SD-003-27 SD-003-40 SD-003-42 both start; one warning for each misspelt key, no port of etcd", async () => {
    expect(await site.machine.text("ss -ltnH")).not.toMatch(/:23(?:79|80)\b/);
    const warnings = warningsOf(await site.journal("sensu-backend"));
    const misspelt = warnings.filter((line) => line.includes("backend-1-key.example.com.pem does not exist"));
    expect(misspelt.map((line) => line.split(" ")[0]).sort()).toEqual([
      "agent-auth-key-file",
      "etcd-key-file",
      "etcd-peer-key-file",
      "key-file",
    ]);
    for (const line of misspelt) expect(line).toContain("/etc/sensu/tls/backend-1.example.com-key.pem");
    const doctor = await site.shell.type("sensu-pki doctor --backend /etc/sensu/backend.yml");
    expect(doctor.status).toBe(1);
    expect(doctor.out.match(/backend-1\.example\.com-key\.pem is used: write that/g)).toHaveLength(4);
    expect(doctor.out).toContain("vouches for agents too");
  });

  test("SD-003-62 SD-001-50 SD-001-47 SD-000-49 SD-001-34 SD-001-37 SD-003-48 the agent joins by its certificate", async () => {
    await site.line("sensu-agent", /using tls client auth/);
    await site.line("sensu-agent", /"check":"keepalive"/);
    expect(await site.shell.done("sensuctl entity list")).toContain("backend-1");
  });

  test("SD-003-08 SD-003-17 SD-003-07 port 8081 alone asks for a certificate, naming the CA; the order of the handshake", async () => {
    const shown = (port: number, more = "") =>
      site.machine
        .shell(`openssl s_client -connect localhost:${port} ${more} </dev/null 2>&1`)
        .then(({ stdout }) => stdout);
    expect(await shown(8081)).toContain("Acceptable client certificate CA names\nCN = Sensu Test CA\n");
    for (const port of [8080, 3000]) expect(await shown(port)).toContain("No client certificate CA names sent");
    const messages = await shown(8081, "-msg -tls1_2 -cert /etc/sensu/tls/agent.pem -key /etc/sensu/tls/agent-key.pem");
    const order = [...messages.matchAll(/^(<<<|>>>) TLS 1\.2, Handshake \[length \w+\], (\w+)/gm)].map(
      ([, way, name]) => `${way} ${name}`,
    );
    const at = ["<<< Certificate", "<<< CertificateRequest", ">>> Certificate", ">>> CertificateVerify"].map((name) =>
      order.indexOf(name),
    );
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at).not.toContain(-1);
  });

  test("SD-001-38 SD-003-11 SD-003-14 a right password without a certificate gets nothing; a wrong one beside a certificate does no harm", async () => {
    const admin = ["--user", "admin", "--password", "P@ssw0rd!", "--name", "thief"];
    expect(await saying([...TO_BACKEND, ...admin], /client certificate rejected: [^"\\]+/)).toContain(
      "tls: client didn't provide a certificate",
    );
    await saying([...(await pairOf("wrong-password", "agent")), "--password", "wrong"], CONNECTED);
    const refusal = await site.line("sensu-backend", /"agent":"thief".*client certificate rejected/);
    expect(refusal).toContain('"source":"');
    expect(await site.shell.done("sensuctl entity list")).not.toContain("thief");
  });

  test("SD-003-18 one file of the two: the missing option is named", async () => {
    const half = [...TO_BACKEND, "--name", "half", "--cert-file", "/etc/sensu/tls/agent.pem"];
    expect(await saying(half, /handshake failed with status 401.*/)).toContain("key-file is not set");
  });

  test("SD-000-20 a certificate that is for servers only is refused, whatever else is right", async () => {
    await site.shell.done(
      `sed -i 's/"profiles":{/"profiles":{"server":{"usages":["signing","server auth"],"expiry":"1h"},/' /etc/sensu/tls/ca-config.json`,
    );
    expect(
      await saying(await pairOf("only-server", "agent", "server"), /client certificate rejected: [^"\\]+/),
    ).toMatch(/usage/);
    await site.line("sensu-backend", /"agent":"only-server".*usage/);
  });

  test("SD-003-03 SD-003-09 SD-003-37 a certificate of another CA is refused, with name, serial and reason in the log", async () => {
    await site.shell.done(
      "sensu-pki init --dir /tmp/foreign --force; sensu-pki issue agent --dir /tmp/foreign --force; chmod 711 /tmp/foreign",
    );
    const foreign = [
      "--name",
      "foreign",
      "--cert-file",
      "/tmp/foreign/agent.pem",
      "--key-file",
      "/tmp/foreign/agent-key.pem",
    ];
    expect(await saying([...TO_BACKEND, ...foreign], /client certificate rejected: [^"\\]+/)).toContain(
      "unknown authority",
    );
    expect(await site.line("sensu-backend", /"agent":"foreign"/)).toMatch(
      /"common_name":"agent".*"serial":"[0-9A-F]+"/,
    );
  });

  test("SD-001-40 SD-003-58 SD-001-43 SD-003-59 the names of the pages do not exist, and the real ones are told", async () => {
    const role = await site.shell.type("sensuctl cluster-role info system:agents");
    expect(role).toMatchObject({ status: 1, err: expect.stringContaining('did you mean "system:agent"?') });
    const binding = await site.shell.type("sensuctl cluster-role-binding delete system:agents --skip-confirm");
    expect(binding).toMatchObject({ status: 1, err: expect.stringContaining('did you mean "system:agent"?') });
  });

  test("SD-001-40 SD-003-57 a name without a user belongs to system:agents", async () => {
    await saying(await pairOf("ghost", "ghost"), CONNECTED);
  });

  test("SD-001-41 SD-001-42 SD-001-46 SD-003-60 a user made for the name confines it", {
    timeout: 120_000,
  }, async () => {
    const flags = await pairOf("client", "client");
    expect(await site.shell.done(`cd /tmp/pairs; ${SHOW_CN}; cd`)).toContain("Subject: CN = client\n");
    await site.shell.done("sensuctl user create client --password 'Client-P@ss1'");
    await saying(flags, /handshake failed with status 403/);
    const line = await site.line("sensu-backend", /"agent":"client".*add-group client system:agents/);
    expect(line).toContain("role-binding create client");
    await site.shell.done(`sensuctl namespace create shop
sensuctl role create agents --verb create --resource events --namespace shop
sensuctl role-binding create agents --role agents --user client --namespace shop`);
    await saying([...flags, "--namespace", "shop"], CONNECTED);
    await saying(flags, /handshake failed with status 403/);
  });

  test("SD-003-05 SD-003-10 no header stands for a certificate", async () => {
    const answer = await site.machine.text(
      "curl --silent --cacert /etc/sensu/tls/ca.pem -H 'X-Forwarded-Client-Cert: Subject=\"CN=agent\"' -H 'X-SSL-Client-Verify: SUCCESS' -H 'Sensu-User: agent' https://localhost:8081/health --write-out '%{http_code}'",
    );
    expect(answer).toMatch(/client certificate rejected[\s\S]*401$/);
  });

  test("SD-003-13 noise at the agents' port after a good handshake changes nothing", { timeout: 120_000 }, async () => {
    const pid = () => site.shell.done("systemctl show -p MainPID --value sensu-backend");
    const before = await pid();
    const speak = (input: string) =>
      site.machine.shell(
        `(${input}; sleep 1) | timeout 20 openssl s_client -quiet -connect localhost:8081 -cert /etc/sensu/tls/agent.pem -key /etc/sensu/tls/agent-key.pem 2>/dev/null | head -c 2000 >/dev/null`,
      );
    const upgrade =
      "printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\nSensu-AgentName: noise\\r\\nSensu-Namespace: default\\r\\nSensu-Subscriptions: a\\r\\n\\r\\n'";
    for (const input of [
      "head -c 200000 /dev/urandom",
      "printf 'GET /'; head -c 500000 /dev/zero | tr '\\0' a",
      `${upgrade}; head -c 100000 /dev/urandom`,
      `${upgrade}; printf '\\202\\377\\377\\377\\377\\377\\377\\377\\377\\377aaaaaaaaa'`,
    ]) {
      await speak(input);
    }
    expect(await pid()).toBe(before);
    await saying(await pairOf("after-noise", "agent"), CONNECTED);
    expect((await site.journal("sensu-agent")).filter((line) => CONNECTED.test(line))).toHaveLength(1);
  });

  test("SD-003-12 a login with an unknown name takes as long as one with a wrong password", {
    timeout: 120_000,
  }, async () => {
    const seconds = async (user: string) => {
      const times = await site.machine.text(
        `for i in 1 2 3; do curl --silent --output /dev/null --cacert /etc/sensu/tls/ca.pem --user ${user}:wrong-password --write-out '%{time_starttransfer} %{http_code}\n' https://localhost:8080/auth; done`,
      );
      expect(times.match(/ 401/g)).toHaveLength(3);
      return Math.min(
        ...times
          .trim()
          .split("\n")
          .map((line) => Number(line.split(" ")[0])),
      );
    };
    const [known, unknown] = [await seconds("admin"), await seconds("nobody-of-that-name")];
    expect(unknown).toBeGreaterThan(known / 3);
    expect(known).toBeGreaterThan(unknown / 3);
  });

  test("SD-003-20 SD-003-19 issuer and dates are in the certificate and shown", async () => {
    const listed = await site.shell.done("cd /etc/sensu/tls; sensu-pki list --json; cd");
    expect(listed).toContain("backend-1.example.com.pem");
    const shown = await site.shell.done("openssl x509 -noout -issuer -enddate -in /etc/sensu/tls/agent.pem");
    expect(shown).toMatch(/issuer=CN = Sensu Test CA\nnotAfter=/);
  });

  test("SD-003-21 SD-003-22 no private key is in logs, process list or answers", async () => {
    const body = (await site.shell.done("sed -n 2p /etc/sensu/tls/backend-1.example.com-key.pem")).trim();
    const seen = await site.shell.done(
      "journalctl -u sensu-backend; journalctl -u sensu-agent; ps axww -o args; sensuctl dump core/v2.Entity --all-namespaces",
    );
    expect(seen).toContain("backend-1.example.com-key.pem");
    for (const secret of [body, "PRIVATE KEY"]) expect(seen).not.toContain(secret);
  });

  test("SD-000-24 SD-000-25 SD-000-42 SD-000-53 no daemon opens requests, profiles or the CA's key", {
    timeout: 120_000,
  }, async () => {
    const opened =
      await site.machine.text(`cd /; strace -f -qq -e trace=open,openat -o /tmp/opened sudo -u sensu timeout 12 sensu-backend start --state-dir /tmp/traced --api-listen-address 127.0.0.1:0 --agent-port 0 --dashboard-port 0 >/dev/null 2>&1 || true
strace -f -qq -e trace=open,openat -o /tmp/opened-too sudo -u sensu timeout 8 sensu-agent start --cache-dir /tmp/traced-agent --api-port 0 --name traced >/dev/null 2>&1 || true
cat /tmp/opened /tmp/opened-too | grep -o '"/etc/sensu/tls/[^"]*"' | sort -u`);
    const files = opened.trim().split("\n");
    expect(files).toContain('"/etc/sensu/tls/agent-key.pem"');
    expect(files).toContain('"/etc/sensu/tls/backend-1.example.com-key.pem"');
    expect(files.filter((file) => /\.csr|ca-config|ca-key|index\.json/.test(file))).toEqual([]);
  });

  test("SD-001-43 SD-003-59 without the default binding only bound names get in", { timeout: 120_000 }, async () => {
    await site.shell.done(
      "sensuctl cluster-role-binding info system:agent --format yaml > /tmp/binding.yml; sensuctl cluster-role-binding delete system:agent --skip-confirm",
    );
    try {
      await saying(await pairOf("unbound", "unbound"), /handshake failed with status 403/);
    } finally {
      await site.shell.done("sensuctl create -f /tmp/binding.yml");
    }
    await saying(await pairOf("unbound", "unbound"), CONNECTED);
  });
});

test("SD-001-49 SD-001-51 SD-001-48 pairs of other names, one CA for what the backend shows and another for agents", {
  timeout: 120_000,
}, async () => {
  await site.shell.done(
    `sensu-pki init --dir /tmp/agents-ca --cn 'Agents'; sensu-pki issue agent agent-1 --dir /tmp/agents-ca; rm /tmp/agents-ca/ca-key.pem; chmod 755 /tmp/agents-ca`,
  );
  await site.backend(TLS + withFiles(PAGE_MTLS).replace("/etc/sensu/tls/ca.pem", "/tmp/agents-ca/ca.pem"));
  const flags = (folder: string, name: string) => [
    ...TO_BACKEND,
    "--name",
    name,
    "--cert-file",
    `${folder}/${name}.pem`,
    "--key-file",
    `${folder}/${name}-key.pem`,
  ];
  await saying(flags("/tmp/agents-ca", "agent-1"), CONNECTED);
  expect(await saying(flags("/etc/sensu/tls", "agent"), /client certificate rejected: [^"\\]+/)).toContain(
    "unknown authority",
  );
});
