/** What the certificate guide says of running daemons: dates, renewal, expiry, other authorities. Ids are rows of the checklist. */
import { until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BACKENDS, EXPIRY_CHECK_JSON, EXPIRY_CHECK_YAML, RESTART } from "../../guides/seed-000.ts";
import { AGENT_CA, AGENT_MTLS, AGENT_TLS, BACKEND_MTLS, TLS } from "../../guides/seed-003.ts";
import { ADMIN_PASSWORD, Site } from "../../guides/site.ts";

const CA_FLAG = "--trusted-ca-file /etc/sensu/tls/ca.pem";
const CERTIFICATE = "/etc/sensu/tls/backend-1.example.com.pem";
const SYSTEM = "subscriptions: [system]\n";

let site: Site;

beforeAll(async () => {
  site = await Site.start();
  await site.makeCertificates();
  await secured();
}, 240_000);

afterAll(() => site?.[Symbol.asyncDispose]());

async function secured(): Promise<void> {
  await site.backend(TLS);
  await site.agent(AGENT_TLS + AGENT_CA + SYSTEM);
  await site.line("sensu-agent", /successfully connected/, 60_000);
  await site.login("https://localhost:8080", CA_FLAG);
}

/** A pair for localhost by the CA whose profile says `dates`; in the place of the configured one when `replace`. */
async function pair(name: string, dates: string, usages = '"server auth","client auth"'): Promise<string> {
  await site.shell.done(`mkdir -p /tmp/made; cd /tmp/made
echo '{"signing":{"default":{"usages":["signing","key encipherment",${usages}],${dates}}}}' > c.json
echo '{"CN":"${name}","hosts":[""],"key":{"algo":"ecdsa","size":256}}' | cfssl gencert -config=c.json -ca=/etc/sensu/tls/ca.pem -ca-key=/root/ca-key.pem -hostname=localhost,127.0.0.1 - 2>/dev/null | cfssljson -bare ${name}
chown sensu ${name}*; cd`);
  return `/tmp/made/${name}`;
}

const PAST = '"expiry":"1h","not_before":"2024-01-01T00:00:00Z","not_after":"2024-02-01T00:00:00Z"';

const tlsOf = (base: string) =>
  TLS.replace(CERTIFICATE, `${base}.pem`).replace(/key-file: .*/, `key-file: ${base}-key.pem`);

/** The last result of the check on this machine's agent. */
function resultOf(check: string): Promise<{ status: number; output: string }> {
  return until(
    `a result of ${check}`,
    async () => {
      const { status, out } = await site.shell.type(`sensuctl event info backend-1 ${check} --format json`);
      const event = status === 0 ? (JSON.parse(out) as { check: { status: number; output: string } }) : undefined;
      return event?.check;
    },
    40_000,
  );
}

async function runCheck(command: string): Promise<{ status: number; output: string }> {
  await site.shell.type("sensuctl event delete backend-1 expired_certs --skip-confirm");
  await site.machine.write("/tmp/check.json", EXPIRY_CHECK_JSON.replace("<cert-name>.pem", command));
  await site.shell.done("sensuctl create --file /tmp/check.json && sensuctl check execute expired_certs");
  return resultOf("expired_certs");
}

test("SD-000-70 the YAML form works; a copy that lost its indentation is told so", async () => {
  await site.machine.write("/tmp/check.yml", EXPIRY_CHECK_YAML.replace("<cert-name>.pem", CERTIFICATE));
  await site.shell.done("sensuctl create --file /tmp/check.yml");
  await site.machine.write("/tmp/flat.yml", EXPIRY_CHECK_YAML.replace(/^ +/gm, ""));
  const flat = await site.shell.type("sensuctl create --file /tmp/flat.yml");
  expect(flat.status).toBe(1);
  expect(flat.err).toMatch(/indentation/);
});

test("SD-000-71 SD-000-72 the JSON form has no interval: sensuctl gives it one and says so, the API refuses it", async () => {
  await site.machine.write("/tmp/check.json", EXPIRY_CHECK_JSON.replace("<cert-name>.pem", CERTIFICATE));
  const made = await site.shell.type("sensuctl create --file /tmp/check.json");
  expect(made).toMatchObject({ status: 0, err: expect.stringMatching(/expired_certs.*interval.*60/) });
  expect(await site.shell.done("sensuctl check info expired_certs --format json")).toContain('"interval": 60');
  await site.shell.done("sensuctl create < /tmp/check.json");
  const answer =
    await site.machine.text(`token=$(curl --silent --cacert /etc/sensu/tls/ca.pem --user admin:'${ADMIN_PASSWORD}' https://localhost:8080/auth | grep -o '"access_token": *"[^"]*' | cut -d'"' -f4)
sed -n '/"spec"/,$p' /tmp/check.json | sed '1s/.*/{"metadata":{"name":"expired_certs","namespace":"default"},/; $d' > /tmp/body.json
curl --silent --cacert /etc/sensu/tls/ca.pem -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -X PUT --data @/tmp/body.json --write-out ' %{http_code}' https://localhost:8080/api/core/v2/namespaces/default/checks/expired_certs`);
  expect(answer).toMatch(/interval.* 400$/s);
});

test("SD-000-69 SD-000-74 an absolute path gives the date as openssl prints it; a bare name is looked for where the agent runs", {
  timeout: 120_000,
}, async () => {
  const typed = await site.shell.done(`openssl x509 -noout -enddate -in ${CERTIFICATE}`);
  expect(await runCheck(CERTIFICATE)).toMatchObject({ status: 0, output: typed });
  const bare = await runCheck("backend-1.example.com.pem");
  expect(bare.status).toBe(1);
  expect(bare.output).toContain("No such file or directory");
});

test("SD-000-73 only agents with the subscription run it", { timeout: 120_000 }, async () => {
  const flags = ["--backend-url", "wss://127.0.0.1:8081", "--trusted-ca-file", "/etc/sensu/tls/ca.pem"];
  await using other = site.byHand([...flags, "--name", "unsubscribed"]);
  await other.waitForLine(/successfully connected/);
  await runCheck(CERTIFICATE);
  expect((await site.shell.type("sensuctl event info unsubscribed expired_certs")).status).toBe(1);
});

test("SD-000-76 a handler gets every line, one behind is_incident none", { timeout: 120_000 }, async () => {
  await site.shell.done(`sensuctl handler create log --type pipe --command 'cat >> /tmp/handled'
sensuctl handler create incidents --type pipe --command 'cat >> /tmp/incidents' --filters is_incident`);
  await site.machine.write(
    "/tmp/handled.json",
    EXPIRY_CHECK_JSON.replace("<cert-name>.pem", CERTIFICATE).replace(
      '"publish"',
      '"handlers": ["log", "incidents"], "publish"',
    ),
  );
  await site.shell.done("sensuctl create --file /tmp/handled.json && sensuctl check execute expired_certs");
  await until("the handler's file", async () => {
    const { stdout } = await site.machine.shell("cat /tmp/handled");
    return stdout.includes("notAfter=") ? true : undefined;
  });
  expect((await site.machine.shell("test -e /tmp/incidents")).code).toBe(1);
});

test("SD-000-47 SD-000-79 SD-001-02 another user than sensu cannot read the pair, and the start says so", async () => {
  const nobody = await site.machine.shell(
    "cp /etc/sensu/backend.yml /tmp/nobody.yml; runuser -u nobody -- timeout 20 sensu-backend start --config-file /tmp/nobody.yml --state-dir /tmp/nobody-state",
  );
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toMatch(/open \/etc\/sensu\/tls\/backend-1[^"]*: permission denied/);
});

test("SD-000-84 SD-000-86 SD-003-50 a pair issued again is served within seconds, whatever is typed; agents stay", {
  timeout: 180_000,
}, async () => {
  await secured();
  const process = () => site.shell.done("systemctl show -p MainPID --value sensu-backend");
  const running = await process();
  await site.shell.done(`cd /etc/sensu/tls; cp /root/ca-key.pem .; ${BACKENDS[0]}\nrm ca-key.pem; cd; ${RESTART}`);
  const renewed = await site.serialOf(CERTIFICATE);
  await until(
    "the renewed pair on every port",
    async () => {
      const served = await Promise.all([8080, 8081, 3000].map((port) => site.serial(port)));
      return served.every((serial) => serial === renewed) ? true : undefined;
    },
    30_000,
  );
  expect(await process()).toBe(running);
  expect((await site.journal("sensu-agent")).filter((line) => line.includes("successfully connected"))).toHaveLength(1);
  await site.shell.done(`systemctl stop sensu-backend`);
  await site.mark("sensu-backend");
  await site.shell.done(RESTART);
  await site.line("sensu-backend", /ready to accept events/);
});

test("SD-000-77 SD-000-79 SD-000-81 an expired pair is served, said at start, and told to people in the words of the guide", {
  timeout: 180_000,
}, async () => {
  await secured();
  const base = await pair("expired", PAST);
  await site.backend(tlsOf(base));
  const said = (await site.journal("sensu-backend")).filter(
    (line) => line.includes('"level":"error"') && line.includes(`${base}.pem`),
  );
  expect(said.length).toBeGreaterThan(0);
  expect(said[0]).toContain("2024-02-01");
  const fresh = await site.shell.type("sensuctl cluster health");
  expect(fresh.status).toBe(1);
  expect(fresh.err).toMatch(
    /Error: GET "\/health": Get "https:\/\/localhost:8080\/health\?timeout=3": .*x509: certificate has expired or is not yet valid/,
  );
  // Its token has run out: it asks for another first.
  await site.shell.done(`sed -i 's/"expires_at": *[0-9]*/"expires_at": 1/' ~/.config/sensu/sensuctl/cluster`);
  const stale = await site.shell.type("sensuctl cluster health");
  expect(stale.status).toBe(1);
  expect(stale.err).toMatch(
    /failed to request new refresh token; client returned 'Post "?https:\/\/localhost:8080\/auth\/token"?: .*x509: certificate has expired/,
  );
  expect(stale.err).not.toContain("EOF");
  expect((await site.machine.shell("curl --silent --insecure https://localhost:8080/health")).code).toBe(0);
  await secured();
});

test("SD-000-68 a pair of five days: log, metric, health, event and sensuctl tell", { timeout: 180_000 }, async () => {
  const base = await pair("ending", '"expiry":"120h"');
  await site.backend(tlsOf(base));
  await site.line("sensu-backend", /ending\.pem/);
  await site.login("https://localhost:8080", CA_FLAG);
  const metrics = await site.machine.text(
    "curl --silent --cacert /etc/sensu/tls/ca.pem https://localhost:8080/metrics",
  );
  expect(metrics).toMatch(/sensu_go_tls_certificate_not_after_seconds\{[^}]*cn="ending"/);
  expect(
    await site.machine.text("curl --silent --cacert /etc/sensu/tls/ca.pem https://localhost:8080/health"),
  ).toContain('"CommonName":"ending"');
  await until("the event certificates", async () => {
    const { out } = await site.shell.type("sensuctl event list --namespace sensu-system --format json");
    return out.includes('"certificates"') && out.includes("ending") ? true : undefined;
  });
  expect((await site.shell.type("sensuctl cluster health")).err).toContain("ending");
  await secured();
});

test("SD-000-83 SD-001-48 an agent's certificate that ends is told here: event, and its refusal once it has", {
  timeout: 180_000,
}, async () => {
  await site.backend(TLS + BACKEND_MTLS);
  await site.login("https://localhost:8080", CA_FLAG);
  const flags = (base: string, name: string) => [
    "--backend-url",
    "wss://127.0.0.1:8081",
    "--trusted-ca-file",
    "/etc/sensu/tls/ca.pem",
    "--name",
    name,
    "--cert-file",
    `${base}.pem`,
    "--key-file",
    `${base}-key.pem`,
  ];
  {
    await using ending = site.byHand(flags(await pair("agent-ending", '"expiry":"120h"', '"client auth"'), "ending"));
    await ending.waitForLine(/successfully connected/);
    await until("the event agent-certificate", async () => {
      const { status, out } = await site.shell.type("sensuctl event info ending agent-certificate --format json");
      return status === 0 && out.includes('"status": 2') ? true : undefined;
    });
  }
  await using over = site.byHand(flags(await pair("agent-over", PAST, '"client auth"'), "over"));
  await over.waitForLine(/client certificate rejected: .*expired/);
  await site.line("sensu-backend", /"agent":"over".*expired/);
  await site.agent(AGENT_TLS + AGENT_MTLS);
  await site.line("sensu-agent", /successfully connected/, 60_000);
});

test.each([
  ["RSA", "rsa:2048", ""],
  ["ECDSA", "ec", "-pkeyopt ec_paramgen_curve:P-256"],
  ["Ed25519", "ed25519", ""],
])(
  "SD-000-06 SD-003-19 an authority of one's own with an intermediate, %s keys, by openssl alone",
  { timeout: 120_000 },
  async (_, key, options) => {
    await site.shell.done(`rm -rf /tmp/own; mkdir /tmp/own; cd /tmp/own
new="openssl req -newkey ${key} ${options} -nodes"
$new -x509 -days 30 -subj /CN=Root -keyout root.key -out root.pem 2>/dev/null
$new -subj /CN=Intermediate -keyout mid.key -out mid.csr 2>/dev/null
printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\n' > ca.ext
openssl x509 -req -in mid.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile ca.ext -out mid.pem 2>/dev/null
$new -subj /CN=backend -keyout leaf.key -out leaf.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth\\n' > leaf.ext
openssl x509 -req -in leaf.csr -CA mid.pem -CAkey mid.key -CAcreateserial -days 30 -extfile leaf.ext -out leaf.pem 2>/dev/null
cat leaf.pem mid.pem > chain.pem; cat /etc/sensu/tls/ca.pem root.pem > roots.pem; chown sensu leaf.key; cd`);
    const agent = (name: string) =>
      site.byHand(["--backend-url", "wss://127.0.0.1:8081", "--trusted-ca-file", "/tmp/own/roots.pem", "--name", name]);
    await site.backend(
      "cert-file: /tmp/own/chain.pem\nkey-file: /tmp/own/leaf.key\ntrusted-ca-file: /tmp/own/roots.pem\napi-url: https://localhost:8080\n",
    );
    await site.shell.done("curl --silent --fail --cacert /tmp/own/roots.pem https://localhost:8080/health");
    {
      await using good = agent("own-ca");
      await good.waitForLine(/successfully connected/);
    }
    await site.shell.done("cp /tmp/own/leaf.pem /tmp/own/chain.pem; systemctl reload sensu-backend");
    await using bad = agent("own-ca-without-chain");
    await bad.waitForLine(/x509: certificate signed by unknown authority/);
  },
);
