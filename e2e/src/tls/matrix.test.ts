/** Each listener x client x handshake of `matrix-cases.ts`, against real backends. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { ConnectionOptions } from "node:tls";
import { ADMIN, Api, type Backend, bundleCommand, run, temporaryFolder, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MATERIALS, type Material, serverCa } from "./materials.ts";
import { CASES, type Case, type Column, LISTENERS, type Listener } from "./matrix-cases.ts";
import { agentBytes, getBytes, type RawAnswer, rawRequest } from "./raw-client.ts";
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
const backends = {} as Record<Column, Backend>;
let files: Files;
/** TLS sessions from before the revocation. */
const sessions = new Map<string, Buffer>();

function connection(client: Material | undefined, version: Case["version"]): ConnectionOptions | undefined {
  if (version === "plaintext") return undefined;
  const pair = client && MATERIALS[client];
  const own = pair && { cert: client === "truncated chain" ? pair.pem : pair.chainPem, key: pair.keyPem };
  // OpenSSL's usual level forbids TLS 1.1 and loads no weak key.
  const lax = client === "weak key" || version === "TLSv1.1" ? { ciphers: "DEFAULT:@SECLEVEL=0" } : {};
  return { ca: serverCa.pem, minVersion: version, maxVersion: version, ...own, ...lax };
}

function ask(
  listener: Listener,
  options: ConnectionOptions | undefined,
  bytes: Buffer,
  onSession?: (session: Buffer) => void,
): Promise<RawAnswer> {
  const { hostname: host, port } = new URL(backends[listener.column][listener.kind]);
  return rawRequest({ host, port: Number(port), tls: options, bytes, ...(onSession ? { onSession } : {}) });
}

function bytesFor({ kind, column }: Listener, name: string, password?: "right" | "wrong" | "none"): Buffer {
  if (kind !== "agents") return getBytes(kind === "api" ? "/health" : "/");
  const texts = { right: "P@ssw0rd!", wrong: "not it", none: undefined };
  return agentBytes(name, texts[password ?? (column === "open" ? "right" : "none")]);
}

const sessionKey = (listener: Listener, version: string) => `${listener.name} ${version}`;

beforeAll(async () => {
  files = writeFiles(folder.path);
  const template = await prepareState(folder.path);
  const both = [...pairArgs(files), ...agentAuthArgs(files)];
  const people = [
    ...["--api-auth-trusted-ca-file", files.agentCaFile],
    ...["--dashboard-auth-trusted-ca-file", files.agentCaFile],
  ];
  backends.open = await startCopy(template, "open", pairArgs(files));
  backends.mtls = await startCopy(template, "mtls", [...both, ...people]);
  backends.people = backends.mtls;
  backends.strict = await startCopy(template, "strict", [...both, "--agent-auth-strict-handshake"]);
  for (const listener of LISTENERS) {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const keep = (session: Buffer) => void sessions.set(sessionKey(listener, version), session);
      const answer = await ask(listener, connection("resumed", version), bytesFor(listener, `before-${version}`), keep);
      expect(answer.status, answer.error).toBe(listener.kind === "agents" ? 101 : 200);
    }
  }
  writeCrl(folder.path, 2, ["revoked", "resumed"]);
  for (const name of ["mtls", "strict"] as const) {
    backends[name].program.signal("SIGHUP");
    const listener = LISTENERS.find(({ column }) => column === name) as Listener;
    await until("the revocation list in use", async () => {
      const { status } = await ask(listener, connection("revoked", "TLSv1.3"), getBytes("/health"));
      return status === 200 ? undefined : true;
    });
  }
});

afterAll(async () => {
  await Promise.all([...new Set(Object.values(backends))].map(({ program }) => program.stop()));
  folder[Symbol.dispose]();
});

async function hasLogged(column: Column, address: string, reason: RegExp): Promise<void> {
  const { program } = backends[column];
  await until(
    `${reason} of ${address} in the log:\n${program.lines.slice(-5).join("\n")}`,
    () => program.lines.find((line) => line.includes(address) && reason.test(line)),
    5000,
  );
}

describe.each(LISTENERS)("$name", (listener) => {
  const cases = CASES.filter((one) => one.listener === listener);

  test.for(cases.map((one) => [one.title, one] as const))("%s", async ([, { id, row, version, expectation }]) => {
    const session = row.resumes ? sessions.get(sessionKey(listener, version)) : undefined;
    const options = connection(row.client, version);
    const answer = await ask(
      listener,
      session ? { ...options, session } : options,
      bytesFor(listener, id, row.password),
    );
    switch (expectation.outcome) {
      case "served":
        expect(answer).toMatchObject({ status: listener.kind === "agents" ? 101 : 200 });
        break;
      case "refused":
        expect(answer).toMatchObject({ status: expectation.status, reused: false });
        expect(answer.body).toMatch(expectation.reason);
        if (!expectation.unlogged) await hasLogged(listener.column, answer.localAddress, expectation.reason);
        break;
      case "alert":
        expect(answer).toMatchObject({ status: 0, body: "", reused: false });
        expect(answer.error).toMatch(expectation.alert);
        if (expectation.reason) await hasLogged(listener.column, answer.localAddress, expectation.reason);
    }
  });

  if (listener.kind === "agents") {
    test("only of the agents that were let in anything was read", async () => {
      const api = await new Api(backends[listener.column], ADMIN_TLS).login();
      const served = cases.filter(({ expectation }) => expectation.outcome === "served").map(({ id }) => id);
      const expected = [...served, "before-TLSv1.2", "before-TLSv1.3"].sort();
      await until("an entity of each agent let in", async () => {
        const entities: { metadata: { name: string } }[] = await api.get("/api/core/v2/namespaces/default/entities");
        const names = entities.map(({ metadata }) => metadata.name);
        return names.length >= expected.length ? names.sort() : undefined;
      }).then((names) => expect(names).toEqual(expected));
    });
  }
});

test("neither logs, command lines, environments nor a dump hold a key or a password", async () => {
  const own = MATERIALS.right.write(folder.path, "dumper");
  const sensuctl = (...args: string[]) =>
    run([...bundleCommand("sensuctl"), ...args], { env: { XDG_CONFIG_HOME: path.join(folder.path, "ctl") } });
  const login = ["--url", backends.mtls.api, "--username", ADMIN.user, "--password", ADMIN.password];
  const tls = ["--trusted-ca-file", files.serverCaFile, "--cert-file", own.certFile, "--key-file", own.keyFile];
  expect(await sensuctl("configure", "-n", ...login, ...tls)).toMatchObject({ code: 0 });
  const dump = await sensuctl("dump", "all", "--format", "yaml");
  expect(dump).toMatchObject({ code: 0, stdout: expect.stringContaining("name: right-P-256-TLSv1.3") });

  const programs = [...new Set(Object.values(backends))].map(({ program }) => program);
  const told = [
    dump.stdout + dump.stderr,
    ...programs.flatMap(({ lines }) => lines),
    ...programs.flatMap(({ pid }) =>
      ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8")),
    ),
  ].join("\n");
  // As text, and as it goes over the wire.
  const passwords = ["P@ssw0rd!", "not it", "matrix-P@ssw0rd!", ADMIN.password];
  const encoded = passwords.map((password) => Buffer.from(`agent:${password}`).toString("base64"));
  const keys = [files.keyFile, own.keyFile].map((file) => readFileSync(file, "utf8").split("\n")[1] as string);
  expect([...passwords, ...encoded, ...keys, "PRIVATE KEY"].filter((secret) => told.includes(secret))).toEqual([]);
});
