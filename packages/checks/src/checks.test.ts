import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { check, format } from "./mod.ts";

test("limits decide the status of this machine's disk, memory and CPU", async () => {
  for (const name of ["disk", "memory", "cpu"]) {
    const fine = await check([name, "--warning", "101", "--critical", "102"]);
    const bad = await check([name, "--warning=-2", "--critical=-1"]);
    expect([name, fine.status, bad.status]).toEqual([name, "ok", "critical"]);
    expect(format(fine)).toMatch(/^OK: .* \| [a-z_]+=\d+(\.\d+)?%;101;102\n$/);
  }
});

test("a port and a URL pass while their server listens and fail once it is gone", async () => {
  const server = http.createServer((request, response) => {
    response.statusCode = request.url === "/bad" ? 503 : 200;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const where = String((server.address() as AddressInfo).port);
  const base = `http://127.0.0.1:${where}`;
  const portArgs = ["port", "--host", "127.0.0.1", "--port", where];
  expect((await check(portArgs)).status).toBe("ok");
  expect((await check(["url", "--url", base])).status).toBe("ok");
  expect(await check(["url", "--url", `${base}/bad`])).toMatchObject({
    status: "critical",
    text: `${base}/bad answered 503`,
  });
  await new Promise((resolve) => server.close(resolve));
  expect((await check(portArgs)).status).toBe("critical");
  expect((await check(["url", "--url", base])).status).toBe("critical");
});

test("the file check fails for the given time after a change", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "check-"));
  const file = path.join(folder, "touch-me");
  expect((await check(["file", "--path", file])).status).toBe("ok");
  writeFileSync(file, "");
  expect((await check(["file", "--path", file])).status).toBe("critical");
  const old = new Date(Date.now() - 60_000);
  utimesSync(file, old, old);
  expect((await check(["file", "--path", file])).status).toBe("ok");
  rmSync(folder, { recursive: true });
});

test("a wrong call says what is missing", async () => {
  await expect(check(["port", "--host", "a"])).rejects.toThrow("--port needs a number");
  await expect(check(["nonsense"])).rejects.toThrow("there is no check nonsense");
});
