import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { startSocks, TestCa } from "@sensu-ts/testing";
import { afterEach, expect, test } from "vitest";
import { ApiError } from "./api-error.ts";
import { SensuClient, type SensuClientOptions } from "./client.ts";
import type { TokenKeeper, Tokens } from "./credentials.ts";

interface Seen {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: string;
}
interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(answer: (request: IncomingMessage, url: string) => Answer | "never") {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      seen.push({ request: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
      const given = answer(request, url);
      if (given !== "never") response.writeHead(given.status ?? 200, given.headers).end(given.body ?? "[]");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (options: Partial<SensuClientOptions> = {}) => new SensuClient({ url, ...options });
  return { url, seen, client };
}

test.each(["http", "https"] as const)(
  "%s goes through a SOCKS proxy, one connection for several requests",
  async (scheme) => {
    const folder = mkdtempSync(path.join(tmpdir(), "socks-"));
    const answering = await serve(() => ({ body: '[{"a":1}]' }));
    const ca = TestCa.root();
    const caFile = path.join(folder, "ca.pem");
    writeFileSync(caFile, ca.pem);
    const pair = ca.issueServer({ san: ["far.test"] });
    const secure = createTlsServer({ cert: pair.chainPem, key: pair.keyPem }, (_request, response) =>
      response.end('[{"a":1}]'),
    );
    servers.push(secure as unknown as Server);
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const port = scheme === "http" ? Number(new URL(answering.url).port) : (secure.address() as AddressInfo).port;
    using proxy = await startSocks(() => port);
    const proxyEnv = { [`${scheme}_proxy`]: proxy.url };
    const client = new SensuClient({ url: `${scheme}://far.test`, proxyEnv, tls: { trustedCaFile: caFile } });
    expect(await client.get("/x")).toEqual([{ a: 1 }]);
    expect(await client.get("/y")).toEqual([{ a: 1 }]);
    await client.close();
    expect(proxy.asked).toEqual([
      "\x01\x05us er\x02pw",
      `\x05\x01\x00\x03\x08far.test${scheme === "http" ? "\0P" : "\x01\xbb"}`,
    ]);
    // This machine and what NO_PROXY names are asked straight.
    const straight = new SensuClient({ url: answering.url, proxyEnv });
    expect(await straight.get("/z")).toEqual([{ a: 1 }]);
    await straight.close();
    expect(proxy.asked).toHaveLength(2);
    const gone = new SensuClient({
      url: `${scheme}://far.test`,
      proxyEnv: { [`${scheme}_proxy`]: "socks5://127.0.0.1:1" },
    });
    await expect(gone.get("/x")).rejects.toThrow(
      `Get "${scheme}://far.test/x": SOCKS proxy 127.0.0.1:1: connect ECONNREFUSED`,
    );
    rmSync(folder, { recursive: true });
  },
);

test("warnings of an answer are told without what a terminal could obey", async () => {
  const headers = { Warning: '299 - "a \\"b\\" \\\\ \u009b2J, c", 110 - "stale", 299 x "d"' };
  const { client } = await serve(() => ({ headers }));
  const told: string[] = [];
  const asking = client({ onWarning: (text) => told.push(text) });
  await asking.put("/x", {});
  await client().put("/x", {});
  expect(told).toEqual(['a "b" \\ ?2J, c', "d"]);
});

function keeper(tokens: Tokens): TokenKeeper & { current: Tokens } {
  return {
    current: tokens,
    load() {
      return this.current;
    },
    save(renewed) {
      this.current = renewed;
    },
  };
}

const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
const RENEWED: Tokens = { access_token: "new", expires_at: 9e9, refresh_token: "r2" };

test("expired tokens are renewed once for all waiting requests, with the old bearer, and kept", async () => {
  const { seen, client } = await serve((request) =>
    request.url === "/auth/token" ? { body: JSON.stringify(RENEWED) } : {},
  );
  const tokens = keeper({ access_token: "old", expires_at: 1, refresh_token: "r1" });
  const api = client({ credentials: { tokens } });
  await Promise.all([api.get("/a"), api.get("/b")]);
  expect(seen[0]).toEqual({ request: "POST /auth/token", authorization: "Bearer old", body: '{"refresh_token":"r1"}' });
  expect(
    seen
      .slice(1)
      .map(({ request, authorization }) => `${request} ${authorization}`)
      .sort(),
  ).toEqual(["GET /a Bearer new", "GET /b Bearer new"]);
  expect(tokens.current).toEqual(RENEWED);
});

test.each([
  ["http://", 'Get "http:/x": http: no Host in request URL'],
  ["http:/127.0.0.1", 'Get "http:/127.0.0.1/x": http: no Host in request URL'],
  ["http://127.0.0.1:99999", 'Get "http://127.0.0.1:99999/x": invalid URL'],
  ["nohost", 'Get "nohost/x": unsupported protocol scheme ""'],
  ["ftp://h", 'Get "ftp://h/x": unsupported protocol scheme "ftp"'],
  [
    "http://u:secret@127.0.0.1:1",
    'Get "http://u:***@127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
  ],
])("%s is refused in words that keep secrets", async (url, message) => {
  await expect(new SensuClient({ url, credentials: { apiKey: "k" } }).get("/x")).rejects.toThrow(message);
});

test.each(["127.0.0.1", "localhost", "127.1.2.3"])(
  "%s is asked without the proxy, other hosts with it",
  async (host) => {
    const { seen, url } = await serve(() => ({}));
    const proxyEnv = { HTTP_PROXY: url, NO_PROXY: "exempt.invalid" };
    // Nothing listens there: the failure tells that the proxy was not asked.
    const near = new SensuClient({ url: `http://${host}:1`, proxyEnv }).get("/near");
    await expect(near).rejects.toThrow("connection refused");
    await expect(new SensuClient({ url: "http://exempt.invalid", proxyEnv }).get("/x")).rejects.toThrow("no such host");
    expect(await new SensuClient({ url: "http://far.invalid", proxyEnv }).get("/far")).toEqual([]);
    expect(seen.map(({ request }) => request)).toEqual(["GET http://far.invalid/far"]);
  },
);

test.each([1e-6, 1e12])("a timeout of %d ms is one that timers can wait", async (timeoutMs) => {
  const { client } = await serve(() => (timeoutMs < 1 ? "never" : {}));
  const answer = client({ timeoutMs }).get("/a");
  if (timeoutMs < 1) await expect(answer).rejects.toThrow("context deadline exceeded");
  else expect(await answer).toEqual([]);
});

test("tokens are renewed when asked for, whatever they still last", async () => {
  const { seen, client } = await serve(() => ({ body: JSON.stringify(RENEWED) }));
  const tokens = keeper({ access_token: "old", expires_at: 9e9, refresh_token: "r1" });
  expect(await client({ credentials: { tokens } }).renew()).toEqual(RENEWED);
  expect(await client({ credentials: { apiKey: "k" } }).renew()).toBeUndefined();
  expect(seen.map(({ request }) => request)).toEqual(["POST /auth/token"]);
});

test("a token that would expire on the way is renewed first", async () => {
  const { seen, client } = await serve((request) =>
    request.url === "/auth/token" ? { body: JSON.stringify(RENEWED) } : {},
  );
  const tokens = keeper({ access_token: "old", expires_at: 1000, refresh_token: "r1" });
  await client({ credentials: { tokens }, now: () => 998_000 }).get("/a");
  expect(tokens.current.access_token).toBe("old");
  await client({ credentials: { tokens }, now: () => 998_001 }).get("/b");
  expect(seen.map(({ request }) => request)).toEqual(["GET /a", "POST /auth/token", "GET /b"]);
});

test("the issuer is asked first, the configured URL when that fails", async () => {
  const issuer = await serve(() => ({ status: 503 }));
  const { seen, client } = await serve((request) =>
    request.url === "/auth/token" ? { body: JSON.stringify(RENEWED) } : {},
  );
  const tokens = keeper({ access_token: token({ iss: issuer.url }), expires_at: 1, refresh_token: "r1" });
  await client({ credentials: { tokens } }).get("/a");
  expect(issuer.seen.map(({ request }) => request)).toEqual(["POST /auth/token"]);
  expect(seen.map(({ request }) => request)).toEqual(["POST /auth/token", "GET /a"]);
});

test("a refused renewal says so; without a refresh token nothing is sent", async () => {
  const { seen, client } = await serve(() => ({ status: 401, body: "Request unauthorized\n" }));
  const expired = { access_token: "old", expires_at: 1 };
  await expect(
    client({ credentials: { tokens: keeper({ ...expired, refresh_token: "r" }) } }).get("/a"),
  ).rejects.toThrow(
    "failed to request new refresh token; client returned 'The server returned the error: 401 Request unauthorized'",
  );
  seen.length = 0;
  await expect(
    client({ credentials: { tokens: keeper({ ...expired, refresh_token: "" }) } }).get("/a"),
  ).rejects.toThrow("configured access token has expired");
  expect(seen).toEqual([]);
});

test("an API key goes as Key and switches renewal off; a login sends the password only", async () => {
  const { seen, client } = await serve(() => ({ body: JSON.stringify(RENEWED) }));
  await client({ credentials: { apiKey: "k" } }).get("/a");
  expect(await client().login("admin", "pä")).toEqual(RENEWED);
  expect(seen.map(({ authorization }) => authorization)).toEqual([
    "Key k",
    `Basic ${Buffer.from("admin:pä").toString("base64")}`,
  ]);
});

test("lists follow Sensu-Continue and take a single object for a list of one", async () => {
  const { seen, client } = await serve((request) => {
    if (request.url?.includes("continue=a%2Bb")) return { body: '[{"id":18446744073709551615}]' };
    return { body: '{"id":1}', headers: { "Sensu-Continue": "a+b", "Sensu-Entity-Warning": "few left" } };
  });
  const { items, warning } = await client().list("/x", { chunkSize: 1, labelSelector: "a == b" });
  expect(items).toEqual([{ id: 1 }, { id: 18446744073709551615n }]);
  expect(warning).toBe("few left");
  expect(seen.map(({ request }) => request)).toEqual([
    "GET /x?labelSelector=a+%3D%3D+b&limit=1",
    "GET /x?continue=a%2Bb&labelSelector=a+%3D%3D+b&limit=1",
  ]);
});

test.each([
  [{ status: 404, body: '{"message":"gone","code":4}' }, 404, 4, "denied", "gone"],
  [{ status: 403, body: '{"Code":4,"Message":"no"}' }, 403, 4, "denied", "no"],
  [{ status: 404, body: "plain\n" }, 404, 2, "notFound", "plain\n"],
  [{ status: 500, body: "" }, 500, 0, "internal", "the API returned: 500 Internal Server Error"],
  [{ status: 402, body: "{}" }, 402, 6, "denied", expect.stringContaining("valid Sensu Go license")],
])("an answer of %o is an error with status, code and text", async (answer, status, number, code, message) => {
  const { client } = await serve(() => answer);
  const error = await client()
    .get("/a")
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status, number, code, message });
});

test("a redirect keeps method and body with 307, and takes credentials to no other host", async () => {
  const other = await serve(() => ({ body: "{}" }));
  const { seen, client } = await serve((request, url) =>
    request.url === "/from"
      ? { status: 307, headers: { Location: `${url}/to` } }
      : request.url === "/away"
        ? { status: 302, headers: { Location: `${other.url}/there` } }
        : {},
  );
  const api = client({ credentials: { apiKey: "k" } });
  await api.put("/from", { a: 1 });
  await api.get("/away");
  expect(seen[1]).toEqual({ request: "PUT /to", authorization: "Key k", body: '{"a":1}' });
  expect(other.seen[0]).toMatchObject({ request: "GET /there", authorization: undefined });
});

test("a server that is away or silent is an error in the words users know", async () => {
  const { url, client } = await serve(() => "never");
  await expect(client({ timeoutMs: 50 }).get("/a")).rejects.toMatchObject({
    code: "deadline",
    message: expect.stringMatching(/^Get "http:.*\/a": context deadline exceeded/),
  });
  servers.splice(0).map((server) => server.close().closeAllConnections());
  await expect(client().get("/a")).rejects.toMatchObject({
    code: "unavailable",
    message: `Get "${url}/a": dial tcp ${url.slice(7)}: connect: connection refused`,
  });
});

test("a server of a private authority: the words users know, what to do, and a connection once that is done", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "client-tls-"));
  try {
    const ca = TestCa.root();
    const pair = ca.issueServer();
    const server = createTlsServer({ cert: pair.chainPem, key: pair.keyPem }, (_request, response) =>
      response.end("{}"),
    );
    servers.push(server as unknown as Server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(new SensuClient({ url }).get("/a")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        /^Get "https:.*\/a": tls: failed to verify certificate: x509: certificate signed by unknown authority \[issuer "CN=Test CA" .*set trusted-ca-file/,
      ),
    });
    const trusting = new SensuClient({ url, tls: { trustedCaFile: ca.write(folder) } });
    expect(await trusting.get("/a")).toMatchObject({});
    await trusting.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
