/** Our guides, each followed line by line on a machine with our packages, in the order in which they point at each other. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, followGuide, mergeYaml } from "./guide.ts";
import { Site } from "./site.ts";

let site: Site;

beforeAll(async () => {
  site = await Site.start();
}, 180_000);

afterAll(() => site?.[Symbol.asyncDispose]());

test("a configuration block replaces what the key said before and keeps the rest", () => {
  const present = "---\n# mine\nbackend-url:\n  - ws://a\nuser: x\n";
  expect(mergeYaml(present, "backend-url:\n  - wss://a\nname: y\n")).toBe(
    "---\n# mine\nbackend-url:\n  - wss://a\nuser: x\nname: y\n",
  );
});

test("every guide is followed here", () => {
  const guides = readdirSync(path.join(import.meta.dirname, "../../../docs/guides")).filter((name) =>
    name.endsWith(".md"),
  );
  expect(guides.sort()).toEqual(["generate-certificates.md", "lets-encrypt.md", "mtls.md", "secure-sensu.md"]);
  for (const name of guides) expect(blocksOf(name).length).toBeGreaterThan(5);
});

// One after the other on one machine, without cleaning in between (SD-000-87).
test("SD-000-87 SD-001-53 SD-003-02 generate certificates, secure Sensu, agents with certificates", {
  timeout: 300_000,
}, async () => {
  const { machine, shell } = site;
  await followGuide("generate-certificates.md", { machine, shell });
  expect(
    await shell.done("openssl verify /etc/sensu/tls/backend-?.example.com.pem /etc/sensu/tls/agent.pem | grep -c OK"),
  ).toBe("4\n");
  expect(
    await shell.done("test ! -e /etc/sensu/tls/ca-key.pem && openssl verify -CAfile ~/ca.pem ~/agent.pem"),
  ).toContain("OK");

  await shell.done("cd; sudo systemctl start sensu-backend sensu-agent");
  await followGuide("secure-sensu.md", {
    machine,
    shell,
    async after({ text }) {
      if (text.includes("systemctl restart sensu-backend")) await site.line("sensu-backend", /ready to accept events/);
    },
  });
});
