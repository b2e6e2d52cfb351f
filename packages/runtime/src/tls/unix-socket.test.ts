import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "@sensu-ts/testing";
import { afterAll, afterEach, expect, test } from "vitest";
import { close } from "./server.ts";
import { listenOnSocket } from "./unix-socket.ts";

const folder = mkdtempSync(path.join(tmpdir(), "unix-"));
afterAll(() => rmSync(folder, { recursive: true }));
const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await close(server, 1000);
});
let count = 0;
const fresh = () => path.join(folder, `s${count++}`);

async function serve(file: string) {
  const server = http.createServer((_request, response) => response.end("hello"));
  servers.push(server);
  await listenOnSocket(server, file);
}

function get(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ socketPath, path: "/" }, (response) => void response.toArray().then((body) => resolve(body.join(""))))
      .on("error", reject);
  });
}

test("owner and group may use it, others not; it is gone with its listener", async () => {
  const file = fresh();
  const umask = process.umask();
  await serve(file);
  expect(await get(file)).toBe("hello");
  expect((statSync(file).mode & 0o777).toString(8)).toBe("660");
  expect(process.umask()).toBe(umask);
  await close(servers.pop() as http.Server, 1000);
  expect(existsSync(file)).toBe(false);
});

test("what a killed program left is replaced", async () => {
  const file = fresh();
  const leave = `require("net").createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 9))`;
  await run([process.execPath, "-e", leave]);
  expect(statSync(file).isSocket()).toBe(true);
  await serve(file);
  expect(await get(file)).toBe("hello");
});

test("a socket in use and a file of another kind stay as they are", async () => {
  const used = fresh();
  await serve(used);
  await expect(serve(used)).rejects.toThrow(`listen unix ${used}: bind: address already in use`);
  expect(await get(used)).toBe("hello");
  const other = fresh();
  writeFileSync(other, "mine");
  await expect(serve(other)).rejects.toThrow(`listen unix ${other}: bind: there is a file of that name`);
  expect(readFileSync(other, "utf8")).toBe("mine");
});

test("a path that no socket can have, and a folder that is not there", async () => {
  await expect(serve(path.join(folder, "x".repeat(110)))).rejects.toThrow("more than 107 bytes");
  await expect(serve(path.join(folder, "none", "s"))).rejects.toThrow(/listen unix .*none\/s: bind: no such file/);
});
