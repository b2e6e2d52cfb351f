/** doctor's look at the clocks (S-408), against servers whose `Date` lies. */
import { readFileSync, writeFileSync } from "node:fs";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { beside, done, file, pki, place } from "../test-folder.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return (server.address() as AddressInfo).port;
}

/** Answers with a clock that is so many seconds ahead. */
const ahead =
  (seconds: number): RequestListener =>
  (_request, response) => {
    response.setHeader("Date", new Date(place.now.getTime() + seconds * 1000).toUTCString());
    response.end();
  };

async function doctor(kind: "backend" | "agent", ...lines: readonly string[]) {
  const config = beside(`${kind}.yml`);
  writeFileSync(config, lines.join("\n"));
  return pki("doctor", `--${kind}`, config);
}

const loopback = ["api-listen-address: 127.0.0.1:8080", "agent-host: '::1'", "dashboard-host: localhost"];

test.each([
  [0, 0, "no findings\n"],
  [-58, 0, "no findings\n"],
  [120, 1, /^warning: api-url: this machine's clock is 1\d\d s behind the backend's, so fresh tokens/],
  [-120, 1, /^warning: api-url: this machine's clock is 1\d\d s ahead of the backend's/],
  [400, 2, /^error: api-url: this machine's clock is \d{3} s behind the backend's, so fresh certificates .* \(http:/],
  [-400, 2, /^error: api-url: .* ahead of /],
])("a backend's clock %i s ahead: exit code %i", async (seconds, code, out) => {
  const port = await listen(http.createServer(ahead(seconds)));
  const result = await doctor("backend", ...loopback, `api-url: http://127.0.0.1:${port}`);
  expect(result).toMatchObject({ code, err: "" });
  expect(result.out).toMatch(out);
});

test("an agent's backends are asked with its certificate, over TLS that is not judged here", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  await done("issue", "agent");
  const [cert, key, ca] = ["b1.lab.test.pem", "b1.lab.test-key.pem", "ca.pem"].map((name) => readFileSync(file(name)));
  const mutual = https.createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, ahead(3600));
  const port = await listen(mutual);
  const silent = await listen(http.createServer((request) => request.socket.destroy()));
  const urls = `backend-url: ["wss://127.0.0.1:${port}", "wss://127.0.0.1:${silent}"]`;
  const pair = [`cert-file: ${file("agent.pem")}`, `key-file: ${file("agent-key.pem")}`];
  const result = await doctor("agent", urls, ...pair);
  expect(result.code).toBe(2);
  expect(result.out).toMatch(
    new RegExp(`error: backend-url: .* behind the backend's.*\\(https://127.0.0.1:${port}\\)`),
  );
  expect(result.err).toMatch(
    new RegExp(`^note: backend-url: no clock to compare with at https://127.0.0.1:${silent}: `),
  );
});
