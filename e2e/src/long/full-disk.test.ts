/** A disk without room: what has its place is written on, the rest is refused and told, nothing acknowledged is lost. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { ADMIN, Api, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const EVENTS = "/api/core/v2/namespaces/default/events";
const ENTITIES = 200;

const event = (name: string, run: number) => ({
  entity: { metadata: { name, namespace: "default" }, entity_class: "proxy" },
  check: { metadata: { name: "c", namespace: "default" }, interval: 5, executed: run, output: "x".repeat(2000) },
});

/** Mounting needs root. */
function smallDisk(folder: string, megabytes: number) {
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  return {
    resize: (to: number) => execFileSync("mount", ["-o", `remount,size=${to}m`, folder]),
    [Symbol.dispose]: () => execFileSync("umount", ["--lazy", folder]),
  };
}

test("a disk that is full, and has room again", async () => {
  using parent = temporaryFolder();
  const stateDir = path.join(parent.path, "state");
  using disk = smallDisk(stateDir, 30);
  const acknowledged = new Map<string, number>();
  const put = async (api: Api, name: string, run: number) => {
    const { status } = await api.send("PUT", `${EVENTS}/${name}/c`, event(name, run));
    if (status === 201) acknowledged.set(name, run);
    return status;
  };
  {
    await using program = (await startBackend({ stateDir })).program;
    void program;
  }
  const login = async (backend: Awaited<ReturnType<typeof startBackend>>) =>
    new Api(backend).login(ADMIN.user, ADMIN.password);
  const alarms = async (api: Api) => (await api.get("/health")).Alarms?.map((one: { alarm: number }) => one.alarm);

  let backend = await startBackend({ stateDir, resume: true });
  let api = await login(backend);
  for (let i = 0; i < ENTITIES; i++) expect(await put(api, `e${i}`, 1)).toBe(201);
  await backend.program.stop();

  // Twice the database: the log of five rounds does not fit beside it, the pages that they change have their places.
  disk.resize(4);
  backend = await startBackend({ stateDir, resume: true });
  api = await login(backend);
  for (let run = 2; run <= 6; run++) {
    for (let i = 0; i < ENTITIES; i++) expect(await put(api, `e${i}`, run)).toBe(201);
  }
  expect(await alarms(api)).toBeUndefined();

  let refused = 0;
  for (let i = 0; refused === 0 && i < 3000; i++) if ((await put(api, `new${i}`, 1)) === 503) refused++;
  expect(refused).toBe(1);
  expect(await alarms(api)).toEqual([1]);

  disk.resize(30);
  expect(await put(api, "after", 1)).toBe(201);
  expect(await alarms(api)).toBeUndefined();
  await backend.program.kill();
  backend = await startBackend({ stateDir, resume: true });
  api = await login(backend);
  for (const [name, run] of acknowledged) expect((await api.get(`${EVENTS}/${name}/c`)).check.executed).toBe(run);
  await backend.program.stop();
});
