import { readFileSync } from "node:fs";
import path from "node:path";
import { Api, Program, startBackend, temporaryFolder, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const POSTS = 8;

test("each 201 leaves the process after the sync of its commit, as the kernel sees it", async () => {
  using folder = temporaryFolder();
  const backend = await startBackend({ stateDir: path.join(folder.path, "state") });
  const api = await new Api(backend).login();
  const traceFile = path.join(folder.path, "trace");
  const calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg";
  const strace = new Program([
    "strace",
    "-f",
    "-s",
    "64",
    "-e",
    calls,
    "-o",
    traceFile,
    "-p",
    String(backend.program.pid),
  ]);
  await strace.waitForLine(/attached/);
  for (let i = 1; i <= POSTS; i++) {
    const answer = await api.send("POST", "/api/core/v2/namespaces/default/events", {
      entity: { metadata: { name: "e", namespace: "default" }, entity_class: "proxy" },
      check: { metadata: { name: "c", namespace: "default" }, executed: i, status: 0, output: String(i) },
    });
    expect(answer.status).toBe(201);
  }
  const lines = await until("the trace of all answers", () => {
    const read = readFileSync(traceFile, "utf8").split("\n");
    return read.filter((line) => line.includes("HTTP/1.1 201")).length >= POSTS ? read : undefined;
  });
  await strace.stop();
  await backend.program.stop();
  // Requests came one after another: between two answers there must be a finished sync.
  let synced = false;
  let answers = 0;
  for (const line of lines) {
    if (/(fsync|fdatasync)(\(\d+| resumed).*= 0/.test(line)) synced = true;
    if (!line.includes("HTTP/1.1 201")) continue;
    expect([++answers, synced]).toEqual([answers, true]);
    synced = false;
  }
  expect(answers).toBe(POSTS);
});
