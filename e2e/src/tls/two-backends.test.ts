/** Several backends without a cluster: what agents and certificates must do about it needs none. Ids are of the checklist. */
import path from "node:path";
import tls from "node:tls";
import { Api, type Backend, type Program, startAgent, startBackend, TestCa, temporaryFolder } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const root = TestCa.root({ cn: "Root" });
const issuing = root.intermediate({ cn: "Issuing" });
const pair = issuing.issueServer({ cn: "b1" });
const files = pair.write(folder.path, "b1");
let backends: Backend[] = [];
const stateOf = (name: string) => path.join(folder.path, name);
const secure = ["--cert-file", files.certFile, "--key-file", files.keyFile];

beforeAll(async () => {
  backends = await Promise.all([
    startBackend({ stateDir: stateOf("one"), args: [...secure, "--api-url", "https://localhost:8080"] }),
    startBackend({
      stateDir: stateOf("two"),
      args: [
        ...[...secure, "--etcd-cert-file", files.certFile, "--etcd-key-file", files.keyFile],
        ...["--api-url", "https://b1.acme.example:8080"],
        ...["--etcd-advertise-client-urls", "https://localhost:2379,https://b1.acme.example:2379"],
      ],
    }),
  ]);
});
afterAll(async () => {
  await Promise.all(backends.map(({ program }) => program.stop()));
  folder[Symbol.dispose]();
});

test("SD-001-17 a certificate file with a chain is served as it stands, the leaf first", async () => {
  const port = Number(new URL(backends[0]?.api ?? "").port);
  const subjects = await new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ca: root.pem }, () => {
      const leaf = socket.getPeerCertificate(true);
      resolve([leaf.subject.CN, leaf.issuerCertificate.subject.CN]);
      socket.destroy();
    });
    socket.on("error", reject);
  });
  expect(subjects).toEqual(["b1", "Issuing"]);
});

test("SD-000-28 a name between backends or towards agents that the certificate lacks is told at start", () => {
  const warned = (backend: Backend | undefined) =>
    backend?.program.lines.filter((line) => line.includes("does not cover")).map((line) => JSON.parse(line).msg);
  expect(warned(backends[0])).toEqual([]);
  expect(warned(backends[1])?.toSorted()).toEqual(
    ["api-url", "etcd-advertise-client-urls"].map((option) =>
      expect.stringMatching(
        new RegExp(
          `^${option} names b1\\.acme\\.example, .*${files.certFile} .*it has localhost, 127\\.0\\.0\\.1, .*--san b1`,
        ),
      ),
    ),
  );
});

/** The URL that the agent is connected to, by what it said since `from`. */
async function connectedTo(agent: Program, from: number): Promise<string> {
  const said = () => agent.lines.slice(from).findIndex((line) => line.includes("successfully connected"));
  await expect.poll(said, { timeout: 45_000 }).toBeGreaterThanOrEqual(0);
  const until = agent.lines.slice(from, from + said());
  return until.findLast((line) => line.includes("connecting to backend URL"))?.match(/wss:\/\/[\d.]+:\d+/)?.[0] ?? "";
}

test("SD-001-33 an agent knows both backends and goes over to the other when its own ends, as often as it must", async () => {
  const urls = backends.map(({ agents }) => agents);
  const agent = startAgent(
    { agents: urls.join(",") },
    {
      name: "mover",
      stateDir: folder.path,
      args: ["--trusted-ca-file", root.write(folder.path), "--retry-min", "100ms", "--retry-max", "500ms"],
    },
  );
  try {
    let at = await connectedTo(agent, 0);
    for (let round = 0; round < 2; round++) {
      const gone = urls.indexOf(at);
      const { program, api, agents } = backends[gone] as Backend;
      const from = agent.lines.length;
      await program.stop();
      const next = await connectedTo(agent, from);
      expect(next).toBe(urls[1 - gone]);
      const options = {
        apiAddress: new URL(api).host,
        agentPort: Number(new URL(agents.replace("wss", "https")).port),
      };
      backends[gone] = await startBackend({
        stateDir: stateOf(["one", "two"][gone] ?? ""),
        resume: true,
        args: secure,
        ...options,
      });
      at = next;
    }
    const backend = backends[urls.indexOf(at)] as Backend;
    const entities = await (await new Api(backend, { ca: root.pem }).login()).get(
      "/api/core/v2/namespaces/default/entities",
    );
    expect(entities).toMatchObject([{ metadata: { name: "mover" } }]);
  } finally {
    await agent.stop();
  }
}, 180_000);
