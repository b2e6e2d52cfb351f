/** The day on which a backend wants certificates of its agents: nothing they took from others is lost (SD-002-38). */
import path from "node:path";
import {
  Api,
  freePort,
  type Program,
  startAgent,
  startBackend,
  TestCa,
  temporaryFolder,
  until,
} from "@sensu-ts/testing";
import { expect, test } from "vitest";

const EVENTS = 50;

test("SD-002-38 password agents are refused from then on, and what they were posted meanwhile arrives with the certificate", async () => {
  using folder = temporaryFolder();
  const ca = TestCa.root();
  const served = ca.issueServer().write(folder.path, "b1");
  const caFile = ca.write(folder.path);
  const agentPort = await freePort();
  const open = ["--cert-file", served.certFile, "--key-file", served.keyFile, "--api-url", "https://localhost:8080"];
  const mutual = [
    ...["--agent-auth-cert-file", served.certFile, "--agent-auth-key-file", served.keyFile],
    ...["--agent-auth-trusted-ca-file", caFile],
  ];
  const stateDir = path.join(folder.path, "state");
  let backend = await startBackend({ stateDir, agentPort, args: open });
  const names = ["web-1", "web-2"];
  const ports = await Promise.all(names.map(() => freePort()));
  const start = (i: number, more: readonly string[] = []): Program =>
    startAgent(backend, {
      name: names[i] ?? "",
      stateDir: path.join(folder.path, names[i] ?? ""),
      args: [
        ...["--trusted-ca-file", caFile, "--api-port", String(ports[i]), "--events-rate-limit", "0"],
        ...["--retry-min", "100ms", "--retry-max", "500ms", ...more],
      ],
    });
  const agents = names.map((_, i) => start(i));
  await Promise.all(agents.map((agent) => agent.waitForLine(/successfully connected/)));
  const post = async (i: number, from: number) => {
    for (let n = from; n < from + EVENTS / 2; n++) {
      const body = JSON.stringify({ check: { metadata: { name: `c${n}` }, status: 1, output: names[i] } });
      const answer = await fetch(`http://127.0.0.1:${ports[i]}/events`, { method: "POST", body });
      expect(answer.status).toBe(202);
    }
  };

  await backend.program.stop();
  await Promise.all(names.map((_, i) => post(i, 0)));
  backend = await startBackend({ stateDir, agentPort, args: [...open, ...mutual], resume: true });
  await Promise.all(
    agents.map((agent) => agent.waitForLine(/status 401: client certificate rejected: tls: client didn't/)),
  );
  await Promise.all(names.map((_, i) => post(i, EVENTS / 2)));
  await Promise.all(agents.map((agent) => agent.stop()));

  const pairs = names.map((name) => ca.issue({ cn: "agent" }).write(folder.path, name));
  const again = pairs.map(({ certFile, keyFile }, i) => start(i, ["--cert-file", certFile, "--key-file", keyFile]));
  try {
    const api = await new Api(backend, { ca: ca.pem }).login();
    const ids = await until(
      "every event",
      async () => {
        const events: { id: string; check: { metadata: { name: string } } }[] = await api.get(
          "/api/core/v2/namespaces/default/events",
        );
        const posted = events.filter(({ check }) => /^c\d+$/.test(check.metadata.name));
        return posted.length === names.length * EVENTS ? new Set(posted.map(({ id }) => id)) : undefined;
      },
      60_000,
    );
    expect(ids.size).toBe(names.length * EVENTS);
  } finally {
    await Promise.all(again.map((agent) => agent.stop()));
    await backend.program.stop();
  }
}, 180_000);
