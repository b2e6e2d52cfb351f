/**
 * The page on securing, its blocks as printed, on a machine with our packages and the certificate guide's files. Ids are
 * rows of the checklist. What concerns agents' certificates is in sd-003.test.ts, which prints the same options.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_CA, AGENT_PLAIN, AGENT_TLS, API_URL, DASHBOARD, STORE, TLS, withFiles } from "../../guides/seed-001.ts";
import { ADMIN_PASSWORD, Site, warningsOf } from "../../guides/site.ts";

let site: Site;

beforeAll(async () => {
  site = await Site.start();
  await site.makeCertificates();
}, 240_000);

afterAll(() => site?.[Symbol.asyncDispose]());

/** A start that must fail: its status and last words. Port and store are never reached. */
async function refused(configuration: string): Promise<string> {
  await site.machine.write("/tmp/refused.yml", configuration);
  const { code, stderr } = await site.machine.shell(
    "sudo -u sensu sensu-backend start --config-file /tmp/refused.yml --state-dir /tmp/refused",
  );
  expect({ configuration, code }).toEqual({ configuration, code: 1 });
  return (JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as { error: string }).error;
}

const health = (url: string) => site.machine.shell(`curl --silent --show-error ${url}`);

describe("as installed", () => {
  beforeAll(async () => {
    await site.backend("---\n");
    await site.agent(AGENT_PLAIN);
  }, 120_000);

  test("SD-001-01 SD-000-02 each plaintext listener is named in a warning, and doctor finds them", async () => {
    const warnings = warningsOf(await site.journal("sensu-backend"));
    for (const part of [
      "apid is plaintext on [::]:8080",
      "agentd is plaintext on [::]:8081",
      "dashboardd is plaintext on [::]:3000",
    ]) {
      expect(warnings.filter((line) => line.startsWith(part))).toHaveLength(1);
    }
    const doctor = await site.shell.type("sensu-pki doctor --backend /etc/sensu/backend.yml");
    expect(doctor.status).toBe(1);
    expect(doctor.out.match(/speaks plaintext to everybody/g)).toHaveLength(3);
  });

  test("SD-001-28 SD-003-53 the default transport is ws, the printed file is read", async () => {
    await site.line("sensu-agent", /connecting to backend URL \\"ws:\/\/127\.0\.0\.1:8081\\"/);
    await site.line("sensu-agent", /successfully connected/);
  });

  test("SD-001-35 SD-003-57 an agent logs in by user and password; a wrong one is told", async () => {
    await site.line("sensu-agent", /using password auth/);
    const program = site.byHand(["--password", "wrong", "--name", "stranger"]);
    await program.waitForLine(/handshake failed with status 401: bad credentials/);
    await program.kill();
  });

  test("SD-001-29 SD-001-27 SD-003-55 a wss agent never falls back to plaintext", async () => {
    const program = site.byHand(["--backend-url", "wss://127.0.0.1:8081", "--name", "stranger"]);
    await program.waitForLine(/tls: first record does not look like a TLS handshake/);
    await program.waitForLine(/reconnection attempt failed/);
    expect(program.lines.some((line) => line.includes("successfully connected"))).toBe(false);
    await program.kill();
  });

  test("SD-001-36 a user bound to view reads and does not write", async () => {
    await site.login("http://127.0.0.1:8080");
    await site.shell.done(`sensuctl user create reader --password 'Reader-P@ss1'
sensuctl role-binding create readers --cluster-role view --user reader
sensuctl configure -n --url http://127.0.0.1:8080 --username reader --password 'Reader-P@ss1'
sensuctl check list`);
    const forbidden = await site.shell.type(
      "sensuctl check create c --command true --interval 60 --subscriptions system",
    );
    expect(forbidden).toMatchObject({ status: 1, err: expect.stringContaining("unauthorized to perform action") });
  });
});

test("SD-001-25 Chromium, which trusts the CA, shows the sign-in page without a prompt", {
  timeout: 120_000,
}, async () => {
  await site.backend([TLS, API_URL].map(withFiles).join(""));
  await site.shell.done(
    "mkdir -p ~/.pki/nssdb; certutil -d sql:$HOME/.pki/nssdb -N --empty-password; sensu-pki trust install --browser",
  );
  const { stdout, stderr } = await site.machine.shell(
    "chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --virtual-time-budget=10000 --dump-dom https://localhost:3000/",
  );
  expect(stderr).not.toContain("ERR_CERT");
  expect(stdout).toContain("Password");
});

describe("starts that are refused", () => {
  test("SD-001-02 SD-001-13 paths that are placeholders: path and cause in one line", async () => {
    expect(await refused(TLS)).toContain("open /path/to/ssl/cert.pem: no such file or directory");
    expect(await refused(STORE)).toContain("open /path/to/your/ca/file: no such file or directory");
    const agent = site.byHand(["--backend-url", "wss://127.0.0.1:8081", "--trusted-ca-file", "/path/to/ca.pem"]);
    await agent.waitForLine(/open \/path\/to\/ca\.pem: no such file or directory/);
    await agent.kill();
  });

  test.each([
    ["SD-001-17", 'cert-file: "/path/to/ssl/cert.pem"\n', "both flags --cert-file & --key-file are required"],
    [
      "SD-001-23",
      'dashboard-key-file: "/path/to/ssl/key.pem"\n',
      "both flags --dashboard-cert-file and --dashboard-key-file are required",
    ],
    [
      "SD-001-08",
      'etcd-cert-file: "/path/to/your/cert"\n',
      "both flags --etcd-cert-file & --etcd-key-file are required",
    ],
  ])("%s half a pair", async (_, block, text) => {
    expect(await refused(withFiles(block))).toContain(text);
  });

  test("SD-001-18 SD-003-04 a key of another certificate", async () => {
    const foreign = withFiles(TLS).replace("backend-1.example.com-key.pem", "backend-2.example.com-key.pem");
    expect(await refused(foreign)).toContain("tls: private key does not match public key");
  });

  test("SD-001-11 a switch that is neither true nor false", async () => {
    expect(await refused('etcd-peer-client-cert-auth: "yes"\n')).toContain("etcd-peer-client-cert-auth");
  });
});

describe("secured by the page's blocks", () => {
  const blocks = [STORE, TLS, API_URL].map(withFiles).join("");

  beforeAll(async () => {
    await site.backend(blocks + withFiles(DASHBOARD).replaceAll("backend-1", "backend-2"));
    await site.agent(withFiles(AGENT_TLS + AGENT_CA));
  }, 120_000);

  const serialOf = (file: string) => site.serialOf(`/etc/sensu/tls/${file}`);

  test("SD-001-03 SD-001-54 SD-000-09 the file with its comment lines is read; no warning of the listeners is left", async () => {
    const warnings = warningsOf(await site.journal("sensu-backend"));
    expect(warnings.filter((line) => /plaintext|does not cover|not https|does not exist/.test(line))).toEqual([]);
    const doctor = await site.shell.type(
      "sensu-pki doctor --backend /etc/sensu/backend.yml; sensu-pki doctor --agent /etc/sensu/agent.yml",
    );
    expect(doctor).toMatchObject({ status: 0, out: "no findings\nno findings\n" });
  });

  test("SD-001-04 SD-001-05 SD-001-06 SD-001-07 SD-001-14 SD-003-31 SD-003-39 the store block opens no port, and one line says so", async () => {
    const listening = await site.machine.text("ss -ltnH");
    expect(listening).not.toMatch(/:23(?:79|80)\b/);
    const said = warningsOf(await site.journal("sensu-backend")).filter((line) => line.includes("opens no port"));
    expect(said).toHaveLength(1);
  });

  test("SD-001-15 SD-001-23 SD-003-45 SD-003-52 one pair for API and agents, another for the page", async () => {
    const [one, two] = [await serialOf("backend-1.example.com.pem"), await serialOf("backend-2.example.com.pem")];
    expect([await site.serial(8080), await site.serial(8081), await site.serial(3000)]).toEqual([one, one, two]);
  });

  test("SD-001-16 SD-003-46 SD-000-02 plaintext at a TLS port gets a readable refusal", async () => {
    const answer = await site.machine.text("curl --silent --write-out ' %{http_code}' http://localhost:8080/health");
    expect(answer).toBe("Client sent an HTTP request to an HTTPS server.\n 400");
    const agent = site.byHand(["--backend-url", "ws://127.0.0.1:8081", "--name", "old"]);
    await agent.waitForLine(/handshake failed with status 400: Client sent an HTTP request to an HTTPS server/);
    await agent.kill();
    const ctl = await site.shell.type(
      `sensuctl configure -n --url http://localhost:8080 --username admin --password '${ADMIN_PASSWORD}'`,
    );
    expect(ctl).toMatchObject({
      status: 1,
      err: expect.stringContaining("Client sent an HTTP request to an HTTPS server"),
    });
  });

  test("SD-001-19 SD-003-07 SD-003-47 no listener asks for a client certificate by trusted-ca-file", async () => {
    for (const port of [8080, 8081, 3000]) {
      const shown = await site.machine.text(`openssl s_client -connect localhost:${port} </dev/null 2>&1`);
      expect({ port, asked: shown.includes("No client certificate CA names sent") }).toEqual({ port, asked: true });
      expect(shown).not.toContain("Requested Signature Algorithms");
    }
  });

  test("SD-001-21 SD-003-06 curl with the CA works, without it the server is not trusted", async () => {
    expect((await health("--cacert /etc/sensu/tls/ca.pem https://localhost:8080/health")).code).toBe(0);
    const bare = await health("https://localhost:8080/health");
    expect(bare).toMatchObject({ code: 60, stderr: expect.stringContaining("unable to get local issuer certificate") });
  });

  test("SD-001-25 SD-003-51 SD-003-06 the page is served over TLS 1.2 and 1.3 with its headers, none that pins localhost", async () => {
    for (const version of ["1.2", "1.3"]) {
      const page = await site.machine.text(
        `curl --silent --include --user-agent browser --tlsv${version} --tls-max ${version} --cacert /etc/sensu/tls/ca.pem https://localhost:3000/`,
      );
      expect(page).toContain(" 200");
      expect(page.toLowerCase()).toContain("x-frame-options: deny");
      expect(page.toLowerCase()).not.toContain("strict-transport-security");
    }
  });

  test("SD-001-26 SD-001-29 SD-001-30 SD-001-32 SD-003-54 the agent connects over wss and its keepalive arrives", async () => {
    await site.line("sensu-agent", /connecting to backend URL \\"wss:\/\/127\.0\.0\.1:8081\\"/);
    await site.line("sensu-agent", /successfully connected/);
    await site.line("sensu-agent", /"check":"keepalive"/);
  });

  test("SD-001-31 SD-003-56 the CA by a flag, with the file 0644 of root as with 0400 of sensu", async () => {
    for (const how of ["chown sensu /etc/sensu/tls/ca.pem; chmod 400", "chown root /etc/sensu/tls/ca.pem; chmod 644"]) {
      await site.shell.done(`${how} /etc/sensu/tls/ca.pem`);
      const flags = [
        "--backend-url",
        "wss://127.0.0.1:8081",
        "--trusted-ca-file",
        "/etc/sensu/tls/ca.pem",
        "--name",
        "flag",
      ];
      const agent = site.byHand(flags);
      await agent.waitForLine(/successfully connected/);
      await agent.kill();
    }
  });

  test("SD-000-31 SD-000-33 SD-001-29 SD-001-22 a name or address that is not in the certificate is refused by name", async () => {
    const agent = site.byHand([
      "--backend-url",
      "wss://backend-1.example.com:8081",
      "--trusted-ca-file",
      "/etc/sensu/tls/ca.pem",
    ]);
    await agent.waitForLine(/x509: certificate is valid for localhost, backend-1, not backend-1\.example\.com/);
    await agent.kill();
    const other = site.byHand(["--backend-url", "wss://127.0.0.2:8081", "--trusted-ca-file", "/etc/sensu/tls/ca.pem"]);
    await other.waitForLine(/x509: certificate is valid for 127\.0\.0\.1, 10\.0\.0\.1, not 127\.0\.0\.2/);
    await other.kill();
  });

  test("SD-000-26 SD-003-09 a server of another CA is left; with the right file it is joined without a restart", async () => {
    await site.shell.done(
      "sensu-pki init --dir /tmp/other-ca >/dev/null; install -m 644 /tmp/other-ca/ca.pem /tmp/trusted.pem",
    );
    const agent = site.byHand([
      "--backend-url",
      "wss://127.0.0.1:8081",
      "--trusted-ca-file",
      "/tmp/trusted.pem",
      "--name",
      "patient",
    ]);
    await agent.waitForLine(/x509: certificate signed by unknown authority/);
    await site.shell.done("install -m 644 /etc/sensu/tls/ca.pem /tmp/trusted.pem");
    await agent.waitForLine(/successfully connected/, 60_000);
    await agent.kill();
  });

  test("SD-000-48 an agent needs no certificate of its own without agent-auth-*", async () => {
    await site.line("sensu-agent", /using password auth/);
  });
});

test("SD-001-20 SD-003-48 insecure-skip-tls-verify weakens nothing", { timeout: 120_000 }, async () => {
  await site.backend(withFiles(TLS).replace("verify: false", "verify: true") + withFiles(API_URL));
  expect((await health("https://localhost:8080/health")).code).toBe(60);
  expect((await health("--cacert /etc/sensu/tls/ca.pem https://localhost:8080/health")).code).toBe(0);
});

test("SD-001-22 SD-003-49 api-url left at http: one warning, the page signs people in all the same", {
  timeout: 120_000,
}, async () => {
  await site.backend(withFiles(TLS));
  const said = warningsOf(await site.journal("sensu-backend")).filter((line) => line.startsWith("api-url "));
  expect(said).toHaveLength(1);
  const signedIn = await site.machine.text(
    `curl --silent --user-agent browser --cacert /etc/sensu/tls/ca.pem --user admin:'${ADMIN_PASSWORD}' https://localhost:3000/auth`,
  );
  expect(signedIn).toContain("access_token");
});

test("SD-001-24 SD-003-50 SD-000-03 restarted, it keeps data and users, and agents come back", {
  timeout: 120_000,
}, async () => {
  await site.backend([TLS, API_URL].map(withFiles).join(""));
  await site.agent(withFiles(AGENT_TLS + AGENT_CA));
  await site.line("sensu-agent", /successfully connected/);
  await site.login("https://localhost:8080", "--trusted-ca-file /etc/sensu/tls/ca.pem");
  await site.shell.done("sensuctl check create kept --command true --interval 3600 --subscriptions system");
  const pid = () => site.shell.done("systemctl show -p MainPID --value sensu-backend");
  const before = await pid();
  await site.mark("sensu-agent");
  await site.restart("sensu-backend");
  await site.line("sensu-agent", /successfully connected/, 60_000);
  expect(await pid()).not.toBe(before);
  expect(await site.shell.done("sensuctl check info kept --format json")).toContain('"command": "true"');
});
