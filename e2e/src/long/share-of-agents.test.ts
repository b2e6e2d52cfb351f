/** Sixty agents that know three backends: how they share them, and where they go when one ends. Needs no cluster. */
import path from "node:path";
import { Api, startAgent, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const AGENTS = 60;
const names = Array.from({ length: AGENTS }, (_, at) => `agent-${String(at).padStart(2, "0")}`);

async function agentsOf(api: Api): Promise<string[]> {
  const entities = (await api.get("/api/core/v2/namespaces/default/entities")) as {
    entity_class: string;
    metadata: { name: string };
  }[];
  return entities.filter((entity) => entity.entity_class === "agent").map(({ metadata }) => metadata.name);
}

test("SD-003-67 W-69 each of three backends has between 10 and 30 of 60 agents; all 60 live on when one ends", async () => {
  using folder = temporaryFolder();
  const backends = await Promise.all(
    ["one", "two", "three"].map((name) => startBackend({ stateDir: path.join(folder.path, name) })),
  );
  const apis = await Promise.all(backends.map((backend) => new Api(backend).login()));
  const urls = backends.map(({ agents }) => agents).join(",");
  const agents = names.map((name) =>
    startAgent(
      { agents: urls },
      { name, stateDir: path.join(folder.path, name), args: ["--retry-max", "2s", "--socket-port", "0"] },
    ),
  );
  try {
    const shares = await until(
      "60 agents",
      async () => {
        const found = await Promise.all(apis.map(agentsOf));
        return found.flat().length >= AGENTS ? found : undefined;
      },
      300_000,
    );
    expect(shares.flat().sort()).toEqual(names);
    // Chance alone misses these bounds once in 270 runs.
    for (const share of shares) {
      expect(share.length).toBeGreaterThanOrEqual(10);
      expect(share.length).toBeLessThanOrEqual(30);
    }

    await backends[0]?.program.kill();
    const [two, three] = await until(
      "60 agents at two backends",
      async () => {
        const found = await Promise.all(apis.slice(1).map(agentsOf));
        return new Set(found.flat()).size === AGENTS ? found : undefined;
      },
      120_000,
    );
    // They do not all go the same way: with 10 of them, chance does that once in 500 runs.
    const moved = shares[0]?.map((name) => two?.includes(name)) ?? [];
    expect(new Set(moved).size).toBe(2);
    expect((two?.length ?? 0) + (three?.length ?? 0)).toBe(AGENTS);
  } finally {
    await Promise.all(agents.map((agent) => agent.kill()));
    await Promise.all(backends.slice(1).map(({ program }) => program.stop()));
  }
});
