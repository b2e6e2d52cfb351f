/**
 * Certificates renewed and revoked under load: 500 agents over mutual TLS send events while the server's pair is
 * swapped 50 times and the revocation list grows 20 times. No session is lost but the revoked, and no event.
 */
import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import tls from "node:tls";
import { AgentSocket, eventTemplate, FIRST_SEQUENCE, keepaliveTemplate, patch, type Template } from "@sensu-ts/bench";
import { Api, startBackend, TestCa, type TestPair, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const AGENTS = 500;
const SWAPS = 50;
const REVOCATIONS = 20;
const CONNECTS_AT_ONCE = 32;
/** Between two events of one agent. */
const PERIOD_MS = 500;
const CHECK = "load";

const serverCa = TestCa.root({ cn: "Server CA" });
const agentCa = TestCa.root({ cn: "Agent CA" });

class LoadAgent {
  readonly name: string;
  readonly pair: TestPair;
  readonly socket: AgentSocket;
  readonly #event: Template;
  readonly #keepalive: Template;
  sent = 0;

  constructor(name: string, pair: TestPair, url: URL) {
    this.name = name;
    this.pair = pair;
    const identity = { name, namespace: "default", subscriptions: ["load"], user: "agent" };
    const own = { ca: serverCa.pem, cert: pair.pem, key: pair.keyPem };
    this.socket = new AgentSocket(identity, { url, user: "", password: "", tls: own });
    this.#event = eventTemplate(identity, { name: CHECK, subscription: "load", status: 0, outputBytes: 200 });
    this.#keepalive = keepaliveTemplate(identity);
  }

  async connect(): Promise<void> {
    await this.socket.connect();
    patch(this.#keepalive, Math.floor(Date.now() / 1000), FIRST_SEQUENCE);
    this.socket.send(this.#keepalive.bytes);
  }

  /** One more event, unless the socket still holds the one before. */
  tick(): void {
    if (!this.socket.ready) return;
    patch(this.#event, Math.floor(Date.now() / 1000), FIRST_SEQUENCE + this.sent);
    this.socket.send(Buffer.from(this.#event.bytes));
    this.sent++;
  }
}

/** What a new connection is shown. */
function servedSerial(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ca: serverCa.pem }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function replace(file: string, content: string | Buffer): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

test(`SD-003-15 ${AGENTS} agents, ${SWAPS} new pairs, ${REVOCATIONS} revocations`, async () => {
  using folder = temporaryFolder();
  const { certFile, keyFile } = serverCa.issueServer().write(folder.path, "server");
  const crlFile = path.join(folder.path, "agents.crl");
  writeFileSync(crlFile, agentCa.crl([], { number: 1 }));
  const backend = await startBackend({
    stateDir: path.join(folder.path, "state"),
    args: [
      ...["--cert-file", certFile, "--key-file", keyFile],
      ...["--agent-auth-cert-file", certFile, "--agent-auth-key-file", keyFile],
      ...["--agent-auth-trusted-ca-file", agentCa.write(folder.path, "agent-ca"), "--agent-auth-crl-urls", crlFile],
    ],
  });
  const api = await new Api(backend, { ca: serverCa.pem }).login();
  // The events name it.
  await api.put("/api/core/v2/namespaces/default/pipelines/incidents", {
    metadata: { name: "incidents", namespace: "default" },
    workflows: [],
  });
  const url = new URL(backend.agents);
  const agents = Array.from({ length: AGENTS }, (_, i) => {
    const name = `load-${String(i).padStart(3, "0")}`;
    return new LoadAgent(name, agentCa.issue({ cn: name }), url);
  });
  for (let i = 0; i < AGENTS; i += CONNECTS_AT_ONCE) {
    await Promise.all(agents.slice(i, i + CONNECTS_AT_ONCE).map((agent) => agent.connect()));
  }

  // Agents take turns within the period, so that events flow evenly.
  let next = 0;
  const perTick = Math.ceil(AGENTS / (PERIOD_MS / 10));
  const load = setInterval(() => {
    for (let i = 0; i < perTick; i++) agents[next++ % AGENTS]?.tick();
  }, 10);

  const revoked: LoadAgent[] = [];
  try {
    for (let swap = 1; swap <= SWAPS; swap++) {
      const pair = serverCa.issueServer();
      // First the key, as an ACME client may: until the certificate follows, the old pair must go on.
      replace(keyFile, pair.keyPem);
      const before = await servedSerial(Number(url.port));
      expect(before).not.toBe(pair.serial);
      replace(certFile, pair.pem);
      const revocation = Math.floor((swap * REVOCATIONS) / SWAPS);
      if (revocation > revoked.length) {
        revoked.push(agents[revocation * 7] as LoadAgent);
        replace(
          crlFile,
          agentCa.crl(
            revoked.map((agent) => agent.pair),
            { number: revocation + 1 },
          ),
        );
      }
      backend.program.signal("SIGHUP");
      await until(`pair ${swap} in use`, async () =>
        (await servedSerial(Number(url.port))) === pair.serial ? true : undefined,
      );
      const last = revoked.at(-1);
      await until(`${last?.name} gone`, () => (!last || last.socket.closed ? true : undefined), 60_000);
      const gone = agents.filter((agent) => agent.socket.closed);
      expect(gone.map(({ name }) => name).sort()).toEqual(revoked.map(({ name }) => name).sort());
      await delay(PERIOD_MS);
    }
  } finally {
    clearInterval(load);
  }

  expect(revoked).toHaveLength(REVOCATIONS);
  await expect(new LoadAgent("again", (revoked[0] as LoadAgent).pair, url).connect()).rejects.toThrow(/401|closed/);
  for (const agent of agents.filter((one) => !revoked.includes(one))) {
    expect(agent.sent).toBeGreaterThan(SWAPS / 2);
    const event = await until(`the last event of ${agent.name}`, async () => {
      const stored = await api.get(`/api/core/v2/namespaces/default/events/${agent.name}/${CHECK}`);
      return stored?.sequence === FIRST_SEQUENCE + agent.sent - 1 ? stored : undefined;
    });
    // Equal statuses are counted: as many as were sent.
    expect([agent.name, event.check.occurrences]).toEqual([agent.name, agent.sent]);
  }
  await Promise.all(agents.map((agent) => agent.socket.close()));
  await backend.program.stop();
  const faults = backend.program.lines.filter(
    (line) => /"level":"(?:error|fatal)"/.test(line) && !/revoked|private key does not match/.test(line),
  );
  expect(faults).toEqual([]);
});
