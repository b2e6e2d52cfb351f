/** Our own agent and sensuctl, and OpenSSL's client, at the listeners that ask for certificates. */
import { existsSync } from "node:fs";
import path from "node:path";
import { ADMIN, Api, type Backend, bundleCommand, run, startAgent, temporaryFolder, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MATERIALS, type Material } from "./materials.ts";
import {
  ADMIN_TLS,
  agentAuthArgs,
  type Files,
  pairArgs,
  prepareState,
  startCopy,
  writeCrl,
  writeFiles,
} from "./world.ts";

const folder = temporaryFolder();
const backends = {} as Record<"mtls" | "strict", Backend>;
let files: Files;

beforeAll(async () => {
  files = writeFiles(folder.path);
  writeCrl(folder.path, 2, ["revoked"]);
  const template = await prepareState(folder.path);
  const both = [...pairArgs(files), ...agentAuthArgs(files)];
  const people = [
    ...["--api-auth-trusted-ca-file", files.agentCaFile],
    ...["--dashboard-auth-trusted-ca-file", files.agentCaFile],
  ];
  backends.mtls = await startCopy(template, "mtls", [...both, ...people]);
  backends.strict = await startCopy(template, "strict", [...both, "--agent-auth-strict-handshake"]);
});

afterAll(async () => {
  await Promise.all(Object.values(backends).map(({ program }) => program.stop()));
  folder[Symbol.dispose]();
});

function ownPair(material: Material): string[] {
  const name = `own-${material.replace(/\W+/g, "-")}`;
  const { certFile, keyFile } = MATERIALS[material].write(folder.path, name, {
    truncated: material === "truncated chain",
  });
  return ["--cert-file", certFile, "--key-file", keyFile];
}

interface AgentCase {
  readonly own: Material | undefined;
  /** What the agent says where it is refused, by default and in a strict handshake. */
  readonly mtls: RegExp;
  readonly strict: RegExp;
  /** What the backend says. */
  readonly reason: RegExp;
}

const status401 = (reason: RegExp) =>
  new RegExp(`handshake failed with status 401: client certificate rejected: .*${reason.source}`);
/** A strict listener says it with a TLS alert; the agent adds which certificate is meant and what to do. */
const alert = (name: string, remedy: RegExp) =>
  new RegExp(`remote error: tls: ${name} \\[127\\.0\\.0\\.1 .*the certificate .*own-[\\w-]+\\.pem.*${remedy.source}`);
const row = (own: Material | undefined, reason: RegExp, strict: RegExp): AgentCase => ({
  ...{ own, reason, strict },
  mtls: status401(reason),
});
const EXPIRED = alert("expired certificate", /renew it, for instance with sensu-pki renew/);
const UNKNOWN_CA = alert("unknown certificate authority", /put that CA into its trust file/);

const REFUSED: readonly AgentCase[] = [
  row(undefined, /tls: client didn't provide a certificate/, /remote error: tls: certificate required/),
  row("expired", /x509: certificate has expired or is not yet valid/, EXPIRED),
  row("not yet valid", /x509: certificate has expired or is not yet valid/, EXPIRED),
  row("wrong CA", /x509: certificate signed by unknown authority/, UNKNOWN_CA),
  row("self-signed", /x509: certificate signed by unknown authority/, UNKNOWN_CA),
  row("truncated chain", /x509: certificate signed by unknown authority/, UNKNOWN_CA),
  row(
    "server usage",
    /x509: certificate specifies an incompatible key usage/,
    alert("unsupported certificate", /extended key usage client auth/),
  ),
  row("revoked", /revoked/, alert("revoked certificate", /issue a new one/)),
  row("no name", /no common name/, alert("unknown certificate", /must have a common name/)),
  row("disabled user", /disabled/, alert("access denied", /sensuctl user reinstate/)),
];

describe.each(["mtls", "strict"] as const)("our agent, handshake %s", (which) => {
  const enter = (name: string, args: readonly string[]) =>
    startAgent(backends[which], {
      name,
      stateDir: path.join(folder.path, name),
      args: ["--trusted-ca-file", files.serverCaFile, ...args],
    });

  test.each(["right", "chain", "empty name", "odd name"] as const)("is let in: %s", async (own) => {
    const name = `in-${own.replace(/\W+/g, "-")}`;
    await using agent = enter(name, ownPair(own));
    await agent.waitForLine(/using tls client auth/);
    await agent.waitForLine(/successfully connected/);
    const api = await new Api(backends[which], ADMIN_TLS).login();
    await until("its entity", () => api.get(`/api/core/v2/namespaces/default/entities/${name}`));
  });

  test.each(REFUSED.map((one) => [one.own ?? "none", one] as const))(
    "is refused, and says why: %s",
    async (title, one) => {
      const name = `out-${title.replace(/\W+/g, "-")}`;
      await using agent = enter(name, one.own ? ownPair(one.own) : []);
      const [line] = await agent.waitForLine(/^.*reconnection attempt failed.*$/);
      expect(line).toMatch(one[which]);
      await backends[which].program.waitForLine(
        new RegExp(`127\\.0\\.0\\.1:\\d+.*${one.reason.source}|${one.reason.source}.*127\\.0\\.0\\.1:\\d+`),
      );
      const api = await new Api(backends[which], ADMIN_TLS).login();
      expect(await api.get(`/api/core/v2/namespaces/default/entities/${name}`)).toBeUndefined();
    },
  );

  test("a user without rights: 403 for the agent, the remedy in the backend's log (S-490)", async () => {
    await using agent = enter("out-rightless", ownPair("rightless user"));
    await agent.waitForLine(/handshake failed with status 403: Forbidden/);
    await backends[which].program.waitForLine(
      /sensuctl user add-group rightless-user system:agents.*"user":"rightless-user"/,
    );
  });

  test("files that cannot be read are told at each attempt, and the agent goes on (S-150)", async () => {
    const missing = path.join(folder.path, "missing.pem");
    await using agent = enter("out-missing", ["--cert-file", missing, "--key-file", missing]);
    const [line] = await agent.waitForLine(/^.*reconnection attempt failed.*$/);
    expect(line).toMatch(/Error loading tls client certificate: open .*missing\.pem: no such file or directory/);
  });
});

describe("sensuctl where people need certificates (S-486)", () => {
  const sensuctl = (name: string, ...args: string[]) => {
    const env = { XDG_CONFIG_HOME: path.join(folder.path, name) };
    const trust = ["--trusted-ca-file", files.serverCaFile];
    const login = ["--username", ADMIN.user, "--password", ADMIN.password];
    return run(
      [...bundleCommand("sensuctl"), "configure", "-n", "--url", backends.mtls.api, ...login, ...trust, ...args],
      {
        env,
      },
    );
  };

  test.each(["right", "no name", "disabled user"] as const)("signs in: %s", async (own) => {
    expect(await sensuctl(`ctl-${own}`, ...ownPair(own))).toMatchObject({ code: 0 });
  });

  test.each([
    [undefined, /client didn't provide a certificate/],
    ["expired", /certificate has expired or is not yet valid/],
    ["wrong CA", /certificate signed by unknown authority/],
    ["revoked", /revoked/],
  ] as const)("is refused and says why: %s", async (own, says) => {
    const { code, stderr } = await sensuctl(`ctl-${own}`, ...(own ? ownPair(own) : []));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) });
  });
});

describe("OpenSSL's client", () => {
  let own: string[];
  beforeAll(() => {
    const { certFile, keyFile } = MATERIALS.right.write(folder.path, "openssl");
    own = ["-cert", certFile, "-key", keyFile];
  });
  const client = (address: string, ...args: string[]) =>
    run(["openssl", "s_client", "-connect", address, "-CAfile", files.serverCaFile, ...args], { input: "" });
  const listeners = () => [
    backends.mtls.api,
    backends.mtls.ui,
    backends.mtls.agents,
    backends.strict.api,
    backends.strict.agents,
  ];

  test("TLS 1.0 and 1.1 are refused everywhere, 1.2 and 1.3 are not", async () => {
    for (const url of listeners()) {
      const { host } = new URL(url);
      for (const old of ["-tls1", "-tls1_1"]) {
        const { code, stderr } = await client(host, old, "-cipher", "DEFAULT:@SECLEVEL=0");
        expect([url, old, code, stderr]).toEqual([url, old, 1, expect.stringMatching(/alert protocol version/)]);
      }
      for (const version of ["-tls1_2", "-tls1_3"]) {
        const { stdout } = await client(host, version, ...own);
        expect([url, version, stdout]).toEqual([url, version, expect.stringMatching(/Verify return code: 0 \(ok\)/)]);
      }
    }
  });

  test("TLS 1.2 offers the suites of the list only, in the server's order (S-108)", async () => {
    const suite = async (url: string, offered: string) => {
      const { stdout, stderr } = await client(new URL(url).host, "-tls1_2", "-cipher", offered);
      return /Cipher is (ECDHE\S+)/.exec(stdout)?.[1] ?? /alert handshake failure/.exec(stderr)?.[0];
    };
    for (const url of listeners()) {
      // Whatever the client likes best, the server's first choice counts.
      const [aes128, aes256, chacha] = [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
      ];
      expect([url, await suite(url, `${chacha}:${aes128}:${aes256}`)]).toEqual([url, aes256]);
      expect([url, await suite(url, `${chacha}:${aes128}`)]).toEqual([url, aes128]);
      expect([url, await suite(url, chacha)]).toEqual([url, chacha]);
      for (const weak of ["ECDHE-RSA-AES256-SHA384", "AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384"]) {
        expect([url, weak, await suite(url, weak)]).toEqual([url, weak, "alert handshake failure"]);
      }
    }
  });

  test("no session of the agents' listener can be resumed (S-183)", async () => {
    const request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const resume = async (url: string, version: string) => {
      const { host, port } = new URL(url);
      const kept = path.join(folder.path, `session-${port}${version}`);
      // Sessions of TLS 1.3 come after the handshake: the answer is waited for.
      const ask = async (...session: string[]) => {
        const args = ["-connect", host, "-CAfile", files.serverCaFile, "-ign_eof", version, ...session, ...own];
        const { stdout } = await run(["openssl", "s_client", ...args], { input: request });
        expect([url, version, stdout]).toEqual([url, version, expect.stringContaining("HTTP/1.1 200 OK")]);
        return /^(New|Reused), TLSv1\.[23], Cipher is/m.exec(stdout)?.[1];
      };
      await ask("-sess_out", kept);
      return ask(...(existsSync(kept) ? ["-sess_in", kept] : []));
    };
    // The way to ask is right: where no certificate is asked for, sessions are resumed.
    expect(await resume(backends.strict.api, "-tls1_3")).toBe("Reused");
    for (const url of [backends.mtls.agents, backends.strict.agents]) {
      for (const version of ["-tls1_2", "-tls1_3"]) {
        expect([url, version, await resume(url, version)]).toEqual([url, version, "New"]);
      }
    }
  });
});
