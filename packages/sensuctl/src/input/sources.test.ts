import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSources } from "./sources.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sensuctl-sources-"));
let server: Server | undefined;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  server?.close();
});

mkdirSync(path.join(folder, "sub"));
writeFileSync(path.join(folder, "b.yaml"), "b");
writeFileSync(path.join(folder, "a.json"), "a");
writeFileSync(path.join(folder, "sub", "c"), "c");
symlinkSync(folder, path.join(folder, "sub", "loop"));

const texts = async (input: string, recursive = false) => (await readSources(input, recursive)).map(({ text }) => text);

test("a folder is read in order, its folders only when asked, a loop once", async () => {
  expect(await texts(folder)).toEqual(["a", "b"]);
  expect(await texts(folder, true)).toEqual(["a", "b", "c"]);
  expect(await texts(`file://${folder}/a.json`)).toEqual(["a"]);
  await expect(readSources(path.join(folder, "none"), false)).rejects.toThrow(
    `lstat ${folder}/none: no such file or directory`,
  );
});

test("a URL is read; a page of links only with -r; a refusal is its text", async () => {
  server = createServer((request, response) => {
    if (request.url === "/d/") {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end('<pre>\n<a href="x%26y">x&amp;y</a>\n<a href="z">z</a></pre>');
    } else if (request.url === "/none") response.writeHead(404).end("no such page");
    else response.end(request.url);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await texts(`${url}/f`)).toEqual(["/f"]);
  await expect(readSources(`${url}/d/`, false)).rejects.toThrow("use -r to enable directory recursion");
  expect(await texts(`${url}/d/`, true)).toEqual(["/d/x&y", "/d/z"]);
  await expect(readSources(`${url}/none`, false)).rejects.toThrow("no such page");
});
