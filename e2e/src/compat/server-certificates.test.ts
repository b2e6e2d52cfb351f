/** The original's agent and sensuctl say of each wrong server certificate what ours say: the words come from there. */
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { ADMIN, freePort, originalCommand, run, startAgent, temporaryFolder } from "@sensu-ts/testing";
import { afterAll, describe, expect, test } from "vitest";
import { serverCa } from "../tls/materials.ts";
import { SERVER_CASES } from "../tls/server-cases.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const caFile = serverCa.write(folder.path);

describe.each(SERVER_CASES.map((one) => [one.title, one] as const))("server certificate %s", (title, one) => {
  test("agent and sensuctl of the original", async () => {
    const { pair } = one;
    const server = https.createServer({ cert: one.truncated ? pair.pem : pair.chainPem, key: pair.keyPem });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `${one.host ?? "127.0.0.1"}:${(server.address() as AddressInfo).port}`;
      const [apiPort, socketPort] = await Promise.all([freePort(), freePort()]);
      await using agent = startAgent(
        { agents: `wss://${address}` },
        {
          name: "go-agent",
          stateDir: folder.path,
          command: originalCommand("sensu-agent"),
          args: [
            ...["--api-port", String(apiPort), "--socket-port", String(socketPort), "--statsd-disable"],
            ...["--trusted-ca-file", caFile],
          ],
        },
      );
      const [line] = await agent.waitForLine(/^.*reconnection attempt failed.*$/);
      expect(line.replaceAll('\\"', '"')).toMatch(one.says);
      const home = path.join(folder.path, title.replace(/\W+/g, "-"));
      const login = ["--username", ADMIN.user, "--password", ADMIN.password, "--trusted-ca-file", caFile];
      const { code, stderr } = await run(
        [...originalCommand("sensuctl"), "configure", "-n", "--url", `https://${address}`, ...login],
        { env: { HOME: home, XDG_CONFIG_HOME: home } },
      );
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(one.says) });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
