import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { run } from "../frame/run.ts";

test.each([
  ["info", "web-check", `Error: not found, did you mean "web-check1"?\n`],
  ["info", "other", "Error: not found\n"],
] as const)("check %s %s asks for one page of names only (C-141)", async (verb, name, told) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("Content-Type", "application/json");
    if (request.url?.includes("checks?")) {
      // There is more: nobody asks for it.
      response.setHeader("Sensu-Continue", "next");
      response.end(JSON.stringify([{ metadata: { name: "web-check1", namespace: "default" } }]));
    } else {
      response.statusCode = 404;
      response.end('{"message":"not found","code":2}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let err = "";
  const code = await run(
    ["check", verb, name],
    { SENSU_CONFIG_DIR: "/nonexistent", SENSU_API_URL: url, SENSU_API_KEY: "k" },
    {
      out: () => {},
      err: (text) => {
        err += text;
      },
      interactive: false,
      colour: false,
    },
  );
  server.close();
  expect({ code, err }).toEqual({ code: 1, err: told });
  const checks = "/api/core/v2/namespaces/default/checks";
  expect(asked).toEqual([`${checks}/${name}`, `${checks}?limit=1000`]);
});
