/** kill -9 of the backend under load: nothing that was answered 201 is lost, histories only grow. */
import { ADMIN, Api, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const ROUNDS = 20;
const WRITERS = 16;
const EVENTS = "/api/core/v2/namespaces/default/events";

test(`${ROUNDS} kills under load`, async () => {
  using folder = temporaryFolder();
  /** Highest counter whose POST was answered 201, by writer. */
  const acknowledged = new Map<string, number>();
  let counter = 0;
  let backend = await startBackend({ stateDir: folder.path });
  for (let round = 0; round < ROUNDS; round++) {
    const api = await new Api(backend).login(ADMIN.user, ADMIN.password);
    let killed = false;
    const before = counter;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      const entity = `writer-${writer}`;
      while (!killed) {
        const executed = ++counter;
        const event = {
          entity: { metadata: { name: entity, namespace: "default" }, entity_class: "proxy" },
          check: {
            metadata: { name: "load", namespace: "default" },
            executed,
            status: executed % 3,
            output: "x".repeat(1000),
          },
        };
        try {
          const answer = await api.send("POST", EVENTS, event);
          if (answer.status === 201) acknowledged.set(entity, executed);
        } catch {
          // The connection died with the process: not acknowledged.
        }
      }
    });
    while (counter < before + 300 + round * 37) await new Promise((resolve) => setImmediate(resolve));
    killed = true;
    await backend.program.kill();
    await Promise.all(writers);
    backend = await startBackend({ stateDir: folder.path, resume: true });
    const after = await new Api(backend).login(ADMIN.user, ADMIN.password);
    for (const [entity, executed] of acknowledged) {
      const stored = await after.get(`${EVENTS}/${entity}/load`);
      expect(stored.check.executed).toBeGreaterThanOrEqual(executed);
      const history = stored.check.history.map((entry: { executed: number }) => entry.executed);
      expect(history).toEqual([...history].sort((a, b) => a - b));
      expect(history).toContain(executed);
    }
  }
  await backend.program.stop();
});
