import path from "node:path";
import {
  ADMIN,
  type Backend,
  originalCommand,
  run,
  startAgent,
  startBackend,
  TestCa,
  temporaryFolder,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = temporaryFolder();
const ca = TestCa.root();
const caFile = ca.write(folder.path);
let backend: Backend;
beforeAll(async () => {
  const { certFile, keyFile } = ca.issueServer().write(folder.path, "b1");
  backend = await startBackend({ stateDir: folder.path, args: ["--cert-file", certFile, "--key-file", keyFile] });
});
afterAll(async () => {
  await backend?.program.stop();
  folder[Symbol.dispose]();
});

test("the original's sensuctl signs in over https and reads /health, certificates in it or not", async () => {
  const command = originalCommand("sensuctl");
  const env = { XDG_CONFIG_HOME: path.join(folder.path, "ctl") };
  const credentials = ["--username", ADMIN.user, "--password", ADMIN.password, "--trusted-ca-file", caFile];
  const configured = await run([...command, "configure", "-n", "--url", backend.api, ...credentials], { env });
  expect(configured).toMatchObject({ code: 0, stderr: "" });
  const health = await run([...command, "cluster", "health", "--format", "json"], { env });
  expect(JSON.parse(health.stdout)).toMatchObject([{ Healthy: true }]);
});

test("the original's agent shows the answer to plaintext on a TLS port (S-101)", async () => {
  await using agent = startAgent(
    { agents: backend.agents.replace("wss:", "ws:") },
    {
      name: "plain",
      stateDir: folder.path,
      command: originalCommand("sensu-agent"),
      args: ["--disable-api", "--disable-sockets", "--statsd-disable"],
    },
  );
  await agent.waitForLine(/handshake failed with status 400: Client sent an HTTP request to an HTTPS server\./);
});
