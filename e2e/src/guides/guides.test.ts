/** Our guides, each followed line by line on a machine with our packages, in the order in which they point at each other. */
import { until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAcme } from "./acme.ts";
import { followGuide, mergeYaml } from "./guide.ts";
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

/** Restarts are over when the units have come as far as the guide's next line needs. */
const settled = async ({ text }: { readonly text: string }): Promise<void> => {
  if (/systemctl (?:re)?start .*sensu-backend/.test(text)) await site.line("sensu-backend", /ready to accept events/);
  if (/systemctl (?:re)?start .*sensu-agent/.test(text)) await site.line("sensu-agent", /successfully connected/);
};

async function follow(name: string): Promise<void> {
  const { machine, shell } = site;
  await followGuide(name, {
    machine,
    shell,
    async before({ text }) {
      for (const unit of ["sensu-backend", "sensu-agent"] as const) {
        if (text.includes("systemctl restart") && text.includes(unit)) await site.mark(unit);
      }
    },
    after: settled,
  });
}

// One after the other on one machine, without cleaning in between.
test("SD-000-87 SD-001-53 generate certificates, secure Sensu, agents with certificates", {
  timeout: 300_000,
}, async () => {
  const { shell } = site;
  await follow("generate-certificates.md");
  const verified = "openssl verify /etc/sensu/tls/backend-?.example.com.pem /etc/sensu/tls/agent.pem | grep -c OK";
  expect(await shell.done(verified)).toBe("4\n");
  await shell.done("test ! -e /etc/sensu/tls/ca-key.pem && openssl verify -CAfile ~/ca.pem ~/agent.pem");

  // What is there before anybody thinks of security.
  await shell.done("cd");
  await site.backend("---\n");
  const before = await site.serialOf("/etc/sensu/tls/backend-1.example.com.pem");
  await follow("secure-sensu.md");
  expect(await shell.done("sensuctl entity list")).toContain("backend-1");
  const renewed = await site.serialOf("/etc/sensu/tls/backend-1.example.com.pem");
  expect(renewed).not.toBe(before);
  for (const port of [8080, 8081, 3000]) expect(await site.serial(port)).toBe(renewed);
  const process = await shell.done("systemctl show -p MainPID --value sensu-backend");
  await shell.done("sensuctl check execute certificates");
  await until("the check's result", async () => {
    const { status, out } = await shell.type("sensuctl event info backend-1 certificates");
    return status === 0 && out.includes("OK: 1 certificates") ? true : undefined;
  });

  await follow("mtls.md");
  expect(await shell.done("systemctl show -p MainPID --value sensu-backend")).not.toBe(process);
  await site.line("sensu-agent", /using tls client auth/);
  // Ada's certificate opens the page too, as the browser would hold it; the agents' does not.
  await shell.done(
    "openssl pkcs12 -in ~/people/ada.p12 -passin file:$HOME/people/ada.password -nodes -out /tmp/browser.pem",
  );
  const page = (pair: string) =>
    shell.done(
      `curl --silent --user-agent Mozilla ${pair} --write-out '%{http_code}\\n' https://backend-1.example.com:3000/`,
    );
  expect(await page("--cert /tmp/browser.pem")).toMatch(/\n200\n$/);
  expect(await page("--cert /etc/sensu/tls/agent.pem --key /etc/sensu/tls/agent-key.pem")).toMatch(
    /^client certificate rejected: x509: certificate signed by unknown authority.*\n401\n$/s,
  );
  // The name that the guide revoked is out, the other stays.
  const shop = ["--cert-file", "/etc/sensu/tls/shop-1.pem", "--key-file", "/etc/sensu/tls/shop-1-key.pem"];
  const to = ["--backend-url", "wss://backend-1.example.com:8081", "--trusted-ca-file", "/etc/sensu/tls/ca.pem"];
  await using revoked = site.byHand([...to, ...shop, "--name", "shop-1", "--namespace", "shop"]);
  await revoked.waitForLine(/client certificate rejected: .*revoked/, 90_000);
  await site.restart("sensu-agent");
  await site.line("sensu-agent", /successfully connected/);
});

test("SD-003-02 Let's Encrypt outside and a CA of one's own for agents", { timeout: 300_000 }, async () => {
  const { machine, shell } = site;
  await shell.done("systemctl stop sensu-agent sensu-backend; rm -rf /etc/sensu/tls /etc/sensu/*.yml");
  await shell.done("sensu-pki trust remove 2>/dev/null || rm -f /usr/local/share/ca-certificates/sensu-ca.crt");
  await using acme = await startAcme(machine, shell);
  await shell.done("cd");
  await follow("lets-encrypt.md");
  await site.line("sensu-agent", /using tls client auth/);
  const renewed = await site.serialOf("/etc/letsencrypt/live/sensu.example.com/fullchain.pem");
  await until("the renewed pair on every port", async () => {
    const served = await Promise.all([8080, 8081, 3000].map((port) => site.serial(port, "sensu.example.com")));
    return served.every((serial) => serial === renewed) ? true : undefined;
  });
  expect(acme.lines.length).toBeGreaterThan(0);
});
