/** What people meet when a backend's certificate has expired, and the check that was to prevent it (S 1.8). */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  ADMIN,
  Api,
  type Backend,
  bundleCommand,
  httpRequest,
  run,
  startBackend,
  TestCa,
  temporaryFolder,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const DAY = 86_400_000;
const folder = temporaryFolder();
const ca = TestCa.root();
const caFile = ca.write(folder.path);
afterAll(() => folder[Symbol.dispose]());

const sensuctl = (home: string, ...argv: string[]) =>
  run([...bundleCommand("sensuctl"), ...argv], { env: { XDG_CONFIG_HOME: path.join(folder.path, home) } });

describe("a backend whose certificate has expired", () => {
  const ended = new Date(Date.now() - DAY);
  let backend: Backend;
  let certFile: string;

  beforeAll(async () => {
    const pair = ca.issueServer({ cn: "b1.test", notBefore: new Date(Date.now() - 2 * DAY), notAfter: ended });
    const files = pair.write(folder.path, "expired");
    certFile = files.certFile;
    backend = await startBackend({
      stateDir: path.join(folder.path, "expired"),
      args: [...["--cert-file", certFile, "--key-file", files.keyFile], "--api-url", "https://localhost:8080"],
    });
  });
  afterAll(() => backend?.program.stop());

  /** A sensuctl that logged in while all was well; its access token lasts `seconds` more. */
  async function loggedIn(home: string, seconds: number): Promise<void> {
    const login = await httpRequest(`${backend.api}/auth`, {
      headers: { authorization: `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString("base64")}` },
      tls: { rejectUnauthorized: false },
    });
    const tokens = { ...JSON.parse(login.text), expires_at: Math.floor(Date.now() / 1000) + seconds };
    const config = path.join(folder.path, home, "sensu/sensuctl");
    mkdirSync(config, { recursive: true });
    writeFileSync(
      path.join(config, "cluster"),
      JSON.stringify({ "api-url": backend.api, "trusted-ca-file": caFile, ...tokens }),
    );
  }
  const reason = `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time`;

  test("it starts, serves it, and says which option, file, subject and date (S-482, SD-000-81)", () => {
    const line = backend.program.lines.find((text) => text.includes("it is served all the same"));
    expect(line).toContain(`cert-file ${certFile}`);
    expect(line).toContain("CN=b1.test");
    expect(line).toContain(ended.toISOString().slice(0, 16));
    expect(line).toMatch(/"level":"error"/);
  });

  test("sensuctl with a fresh token tells of the request, the URL in quotes (SD-000-77)", async () => {
    await loggedIn("fresh", 600);
    const { code, stdout, stderr } = await sensuctl("fresh", "cluster", "health");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`Error: GET "/health": Get "${backend.api}/health?timeout=3": ${reason}`);
    expect(stderr).toContain("subject CN=b1.test");
  });

  test("sensuctl that must renew its token tells of that, with the cause instead of EOF (SD-000-79)", async () => {
    await loggedIn("stale", -60);
    const { code, stderr } = await sensuctl("stale", "cluster", "health");
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Error: GET "/health": failed to request new refresh token; client returned 'Post "${backend.api}/auth/token": ${reason}`,
    );
  });
});

describe("the check for expired certificates, as people copy it", () => {
  const lost = [
    "type: CheckConfig",
    "api_version: core/v2",
    "metadata:",
    "name: expired_certs",
    "spec:",
    "command: openssl x509 -noout -enddate -in b1.pem",
    "subscriptions:",
    "- system",
    "publish: true",
    "",
  ];
  const kept = lost.map((line) => (/^(name|command|subscriptions|publish|- )/.test(line) ? `  ${line}` : line));
  let backend: Backend;
  let api: Api;

  beforeAll(async () => {
    backend = await startBackend({ stateDir: path.join(folder.path, "plain") });
    api = await new Api(backend).login();
    const login = ["configure", "-n", "--url", backend.api, "--username", ADMIN.user, "--password", ADMIN.password];
    expect(await sensuctl("home", ...login)).toMatchObject({ code: 0 });
  });
  afterAll(() => backend?.program.stop());

  function create(text: string) {
    const file = path.join(folder.path, "check.yml");
    writeFileSync(file, text);
    return sensuctl("home", "create", "-f", file);
  }

  test("without its indentation it is refused with the line at fault (SD-000-70)", async () => {
    const { code, stderr } = await create(lost.join("\n"));
    expect(code).toBe(1);
    expect(stderr).toContain('no spec provided; "name" in line 4 looks like a member of metadata or spec');
  });

  test.each([
    ["as YAML", kept.join("\n")],
    [
      "as JSON",
      JSON.stringify({
        type: "CheckConfig",
        api_version: "core/v2",
        metadata: { name: "expired_certs" },
        spec: { command: "openssl x509 -noout -enddate -in b1.pem", subscriptions: ["system"], publish: true },
      }),
    ],
  ])("%s it gets the interval it lacks, with a warning (SD-000-71, SD-000-72)", async (_, text) => {
    const { code, stderr } = await create(text);
    expect(code).toBe(0);
    expect(stderr).toContain('check "expired_certs" has neither interval nor cron, interval 60 was filled in');
    expect(await api.get("/api/core/v2/namespaces/default/checks/expired_certs")).toMatchObject({ interval: 60 });
  });

  test("the API stays strict about it (SD-000-72)", async () => {
    const answer = await api.send("PUT", "/api/core/v2/namespaces/default/checks/expired_certs", {
      metadata: { name: "expired_certs", namespace: "default" },
      ...{ command: "true", subscriptions: ["system"], publish: true },
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain("interval");
  });
});
