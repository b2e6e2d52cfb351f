import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../frame/run.ts";

let server: Server;
let status: number;
beforeAll(async () => {
  server = createServer((_, response) => {
    response.statusCode = status;
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.end("404 page not found\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => void server.close());

test.each([
  [404, "Error: this backend does not tell of its agents' sessions\n"],
  [503, "Error: 404 page not found\n\n"],
])("a backend that answers %i to agent-session list", async (answer, told) => {
  status = answer;
  let out = "";
  let err = "";
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const code = await run(
    ["agent-session", "list"],
    { SENSU_CONFIG_DIR: "/nonexistent", SENSU_API_URL: address, SENSU_API_KEY: "k" },
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
    },
  );
  expect({ code, out, err }).toEqual({ code: 1, out: "", err: told });
});
