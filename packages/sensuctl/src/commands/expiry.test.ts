import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { TestCa } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../frame/run.ts";

const DAY = 86_400_000;
const folder = mkdtempSync(path.join(tmpdir(), "sensuctl-expiry-"));
const inDays = (days: number) => new Date(Date.now() + days * DAY + 60_000);
let server: Server;
let certificates: unknown;
let agents: unknown;
const ONE = [{ MemberID: 1, MemberIDHex: "1", Name: "b1", Err: "", Healthy: true }];
let members: unknown = ONE;
beforeAll(async () => {
  server = createServer((_request, response) => {
    const health = { Alarms: null, ClusterHealth: members, Header: { cluster_id: 2 } };
    const text = JSON.stringify({ ...health, Certificates: certificates, AgentCertificates: agents });
    // Identifiers of 64 bits are numbers that JavaScript has not.
    response.end(text.replace(/"0x([\da-f]+)"/g, (_, hex: string) => String(BigInt(`0x${hex}`))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function clusterHealth(...argv: readonly string[]) {
  let out = "";
  let err = "";
  const env = {
    SENSU_CONFIG_DIR: folder,
    SENSU_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    SENSU_API_KEY: "k",
  };
  const code = await run(["cluster", "health", ...argv], env, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    colour: false,
  });
  return { code, out, err };
}

test("certificates that end soon are told on stderr, and change neither output nor exit code", async () => {
  certificates = undefined;
  const plain = await clusterHealth();
  expect(plain).toMatchObject({ code: 0, err: "" });
  const row = (days: number, Healthy: boolean) => ({
    ...{ Option: "cert-file", CommonName: "b1.test", Serial: "0A", Healthy },
    NotAfter: inDays(days).toISOString().replace(/\.\d+/, ""),
  });
  certificates = [row(5, false), row(-2, false), row(1, false), row(90, false), row(40, true)];
  const warned = await clusterHealth();
  expect({ ...warned, err: "" }).toEqual(plain);
  expect(warned.err.replace(/\d{4}-[\dT:-]+Z/g, "TIME").split("\n")).toEqual([
    "warning: cert-file: certificate b1.test (serial 0A) expires at TIME, in 5 days",
    "warning: cert-file: certificate b1.test (serial 0A) expired at TIME",
    "warning: cert-file: certificate b1.test (serial 0A) expires at TIME, in 1 day",
    "warning: cert-file: certificate b1.test (serial 0A) is not valid yet (it ends at TIME)",
    "",
  ]);
});

test("agents whose certificates end soon are counted", async () => {
  const state = (Status: string, Count: number, days: number) => ({
    ...{ Status, Count },
    FirstNotAfter: inDays(days).toISOString().replace(/\.\d+/, ""),
  });
  certificates = undefined;
  agents = [state("ok", 9, 40), state("warning", 3, 12)];
  const { code, err } = await clusterHealth();
  agents = undefined;
  expect(code).toBe(0);
  expect(err).toMatch(
    /^warning: 3 certificates of connected agents: the first expires at \S+Z, in 12 days; sensuctl agent-session list shows them\n$/,
  );
});

test.each([
  [40, ""],
  [20, /^warning: your client certificate \S+me-20\.pem expires at \S+Z, in 20 days\n$/],
])("the user's own client certificate with %i days to go", async (days, told) => {
  certificates = undefined;
  const { certFile, keyFile } = TestCa.root()
    .issue({ notAfter: inDays(days) })
    .write(folder, `me-${days}`);
  const { code, err } = await clusterHealth("--cert-file", certFile, "--key-file", keyFile);
  expect(code).toBe(0);
  expect(err).toMatch(told);
});

test("SD-000-82 members that do not answer are told one a row, byte for byte as the original does", async () => {
  const ids = ["a95ca1cdb0b1fcc3", "8425a7b2d2ee8597", "4cc36e198efb22e8"];
  members = ids.map((MemberIDHex, at) => ({
    ...{ MemberID: `0x${MemberIDHex}`, MemberIDHex, Name: `backend-${at + 1}.example.com` },
    ...{ Err: "context deadline exceeded", Healthy: false },
  }));
  certificates = undefined;
  agents = undefined;
  const rows = ids.map((id, at) => `  ${id}   backend-${at + 1}.example.com   context deadline exceeded   false    \n`);
  expect(await clusterHealth()).toEqual({
    code: 0,
    err: "",
    out: `=== Etcd Cluster ID: 2
         ID                  Name                      Error             Healthy  
─────────────────── ─────────────────────── ─────────────────────────── ──────────
${rows.join("")}`,
  });
  members = ONE;
});
