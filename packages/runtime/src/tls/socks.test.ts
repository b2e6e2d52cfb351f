/** Against a real server (microsocks), and one of ours for what that one never does. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { freePort, Program, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectSocks } from "./socks.ts";

const CREDENTIALS = "someone:s%40crét";
const never = new AbortController().signal;
const servers: Server[] = [];
const programs: Program[] = [];
let open: string;
let closed: string;
let echo: number;
let echo6: number;

beforeAll(async () => {
  echo = await serve((socket) => socket.end("hello"), "127.0.0.1");
  echo6 = await serve((socket) => socket.end("hello"), "::1");
  open = await microsocks();
  closed = await microsocks("-u", "someone", "-P", "s@crét");
});
afterAll(async () => {
  for (const server of servers) server.close();
  await Promise.all(programs.map((program) => program.stop()));
});

async function serve(answer: (socket: Socket) => void, address = "127.0.0.1"): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    answer(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return (server.address() as AddressInfo).port;
}

async function microsocks(...words: string[]): Promise<string> {
  const port = await freePort();
  programs.push(new Program(["microsocks", "-i", "127.0.0.1", "-p", String(port), ...words]));
  await until(`microsocks listens on ${port}`, () => reached(port));
  return `127.0.0.1:${port}`;
}

async function reached(port: number): Promise<true> {
  const probe = connect(port, "127.0.0.1");
  await once(probe, "connect");
  probe.destroy();
  return true;
}

async function read(proxy: string, host: string, port: number): Promise<string> {
  const socket = await connectSocks(new URL(proxy), { host, port }, never);
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

test("IPv4, IPv6 and names are reached, with and without password", async () => {
  for (const proxy of [`socks5://${open}`, `socks5h://${CREDENTIALS}@${open}`, `socks5://${CREDENTIALS}@${closed}`]) {
    expect([proxy, await read(proxy, "127.0.0.1", echo)]).toEqual([proxy, "hello"]);
    expect([proxy, await read(proxy, "localhost", echo)]).toEqual([proxy, "hello"]);
    expect([proxy, await read(proxy, "::1", echo6)]).toEqual([proxy, "hello"]);
  }
});

test("refusals say why", async () => {
  const unused = await freePort();
  await expect(read(`socks5://${open}`, "127.0.0.1", unused)).rejects.toThrowError(
    `SOCKS proxy ${open}: connection refused`,
  );
  await expect(read(`socks5://${closed}`, "127.0.0.1", echo)).rejects.toThrowError("it asks for user and password");
  await expect(read(`socks5://someone:wrong@${closed}`, "127.0.0.1", echo)).rejects.toThrowError(
    "it refused user and password",
  );
  await expect(read(`socks5://127.0.0.1:${unused}`, "127.0.0.1", echo)).rejects.toThrowError("ECONNREFUSED");
});

test.each([
  [[], "it ended the connection"],
  [[5], "it ended the connection"],
  [[0x48, 0x54], "it speaks no SOCKS 5"],
  [[5, 0xff], "it asks for user and password"],
  [[5, 0, 5, 8, 0, 1], "address type not supported"],
  [[5, 0, 5, 99, 0, 1], "refusal 99"],
  [[5, 0, 5, 0, 0, 1, 1, 2], "it ended the connection"],
])("a server that answers %j and ends is an error", async (bytes, text) => {
  const port = await serve((socket) => socket.end(Buffer.from(bytes)));
  await expect(read(`socks5://127.0.0.1:${port}`, "a.test", 1)).rejects.toThrowError(text);
});

test("what follows the answer in one piece belongs to the connection, whatever address stands before it", async () => {
  for (const address of [
    [1, 1, 2, 3, 4],
    [3, 2, 65, 66],
    [4, ...Array.from({ length: 16 }, () => 9)],
  ]) {
    const port = await serve((socket) => socket.end(Buffer.from([5, 0, 5, 0, 0, ...address, 0, 80, 104, 105])));
    expect(await read(`socks5://127.0.0.1:${port}`, "a.test", 1)).toBe("hi");
  }
});

test("a server that never answers is left when the time is over", async () => {
  const port = await serve(() => {});
  const proxy = new URL(`socks5://127.0.0.1:${port}`);
  await expect(connectSocks(proxy, { host: "a.test", port: 1 }, AbortSignal.timeout(200))).rejects.toMatchObject({
    name: "TimeoutError",
  });
});

test("what cannot be sent is refused before anything is", async () => {
  await expect(read("socks5://127.0.0.1:1", "a".repeat(256), 1)).rejects.toThrowError("1 to 255 bytes");
  await expect(read("socks5://user@127.0.0.1:1", "a.test", 1)).rejects.toThrowError("user and password of a SOCKS");
});
