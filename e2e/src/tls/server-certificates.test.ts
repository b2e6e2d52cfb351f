/** Our agent and sensuctl meet each wrong server certificate: they say what is wrong, and nothing else to the server. */
import path from "node:path";
import { ADMIN, Api, type Backend, bundleCommand, run, startAgent, temporaryFolder } from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVER_CASES, type ServerCase } from "./server-cases.ts";
import { type Files, prepareState, startCopy, writeFiles } from "./world.ts";

const folder = temporaryFolder();
/** Each backend serves three of the pairs, one a port: which programs ask there makes no difference to a handshake. */
const PORTS = ["api", "ui", "agents"] as const;
const OPTIONS = { api: "", ui: "dashboard-", agents: "agent-auth-" } as const;
const backends: Backend[] = [];
let files: Files;

function place(index: number): { backend: Backend; port: string } {
  const backend = backends[Math.floor(index / PORTS.length)] as Backend;
  return { backend, port: new URL(backend[PORTS[index % PORTS.length] as "api"]).port };
}

function pairArgs(one: ServerCase, index: number): string[] {
  const options = one.truncated ? { truncated: true } : {};
  const { certFile, keyFile } = one.pair.write(folder.path, `server-${index}`, options);
  const prefix = OPTIONS[PORTS[index % PORTS.length] as keyof typeof OPTIONS];
  return [`--${prefix}cert-file`, certFile, `--${prefix}key-file`, keyFile];
}

beforeAll(async () => {
  files = writeFiles(folder.path);
  const template = await prepareState(folder.path);
  for (let first = 0; first < SERVER_CASES.length; first += PORTS.length) {
    const args = SERVER_CASES.slice(first, first + PORTS.length).flatMap((one, i) => pairArgs(one, first + i));
    const trust = ["--agent-auth-trusted-ca-file", files.agentCaFile];
    backends.push(await startCopy(template, `servers-${first}`, [...args, ...trust]));
  }
});

afterAll(async () => {
  await Promise.all(backends.map(({ program }) => program.stop()));
  folder[Symbol.dispose]();
});

function sensuctl(name: string, url: string, ...more: string[]) {
  const env = { XDG_CONFIG_HOME: path.join(folder.path, name) };
  const login = ["--username", ADMIN.user, "--password", ADMIN.password];
  return run([...bundleCommand("sensuctl"), "configure", "-n", "--url", url, ...login, ...more], { env });
}

describe.each(SERVER_CASES.map((one, index) => [one.title, one, index] as const))(
  "server certificate %s",
  (_, one, index) => {
    const address = () => `${one.host ?? "127.0.0.1"}:${place(index).port}`;

    test("the agent says so and tries again", async () => {
      await using agent = startAgent(
        { agents: `wss://${address()}` },
        { name: "must-not-appear", stateDir: folder.path, args: ["--trusted-ca-file", files.serverCaFile] },
      );
      const [line] = await agent.waitForLine(/^.*reconnection attempt failed.*$/);
      expect(JSON.parse(line).error).toMatch(one.says);
    });

    test("sensuctl says so", async () => {
      const { code, stderr } = await sensuctl(
        `ctl-${index}`,
        `https://${address()}`,
        "--trusted-ca-file",
        files.serverCaFile,
      );
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(one.says) });
    });
  },
);

test("no server heard a word of the agent", async () => {
  for (const backend of backends) {
    const api = await new Api(backend, { rejectUnauthorized: false }).login();
    expect(await api.get("/api/core/v2/namespaces/default/entities")).toEqual([]);
    expect(backend.program.lines.filter((line) => line.includes("must-not-appear"))).toEqual([]);
  }
});
