/** doctor on good and bad configurations (S-472). Rights of the service user are tried on a machine of its own (e2e). */
import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { beside, done, file, pki } from "../test-folder.ts";

test("doctor names option, file and cause, and is silent after the repair", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  await done("issue", "agent");
  rmSync(file("ca-key.pem"));
  await done("jwt-keys", "--curve", "p384");
  const config = beside("backend.yml");
  const write = (lines: string[]): void => writeFileSync(config, `${lines.join("\n")}\n`);
  const base = [
    `trusted-ca-file: ${file("ca.pem")}`,
    `cert-file: ${file("b1.lab.test.pem")}`,
    `agent-auth-trusted-ca-file: ${file("ca.pem")}`,
    `jwt-private-key-file: ${file("jwt-private-key.pem")}`,
    `jwt-public-key-file: ${file("jwt-public-key.pem")}`,
  ];
  write([
    ...base,
    `key-file: ${file("gone.pem")}`,
    "api-url: http://b1.lab.test:8080",
    `agent-auth-cert-file: ${file("agent.pem")}`,
    `agent-auth-key-file: ${file("agent-key.pem")}`,
  ]);
  const ill = await pki("doctor", "--backend", config);
  expect(ill.code).toBe(2);
  expect(ill.out.split("\n").filter((line) => line !== "")).toEqual([
    `warning: key-file: ${file("gone.pem")} is not there, so ${file("b1.lab.test-key.pem")} is used: write that`,
    `error: agent-auth-cert-file: ${file("agent.pem")} is not for server auth, so the other side refuses it`,
    "warning: api-url: http://b1.lab.test:8080 does not fit: the API speaks https",
  ]);
  write([...base, `key-file: ${file("b1.lab.test-key.pem")}`, "api-url: https://b1.lab.test:8080"]);
  expect(await pki("doctor", "--backend", config)).toMatchObject({ code: 0, out: "no findings\n" });
  write([...base, `key-file: ${file("b1.lab.test-key.pem")}`, "api-url: https://elsewhere.test:8080"]);
  expect((await pki("doctor", "--backend", config)).code).toBe(1);
  const agent = beside("agent.yml");
  writeFileSync(
    agent,
    `cert-file: ${file("agent.pem")}\nkey-file: ${file("b1.lab.test-key.pem")}\nbackend-url: [ws://b1.lab.test:8081]\n`,
  );
  expect(await pki("doctor", "--agent", agent)).toMatchObject({
    code: 2,
    out: expect.stringMatching(/key-file.*does not belong[\s\S]*backend-url/),
  });
  const both = await pki("doctor", "--backend", config, "--agent", agent);
  expect(both).toMatchObject({ code: 2, out: expect.stringMatching(/^warning: api-url.*$/m) });
  expect(both.out.match(/^.*:$/gm)).toEqual([`${config}:`, `${agent}:`]);
});

test("doctor finds what leaves an installation open", async () => {
  await done("init");
  await done("issue", "backend", "b1.lab.test");
  const config = beside("backend.yml");
  writeFileSync(config, "");
  expect(await pki("doctor", "--backend", config)).toMatchObject({
    code: 1,
    out: [
      "warning: cert-file: is not set: the API listener speaks plaintext to everybody",
      "warning: cert-file: is not set: the agents listener speaks plaintext to everybody",
      "warning: cert-file: is not set: the web page listener speaks plaintext to everybody",
      "",
    ].join("\n"),
  });
  writeFileSync(config, "api-listen-address: 127.0.0.1:8080\nagent-host: '::1'\ndashboard-host: localhost\n");
  expect(await done("doctor", "--backend", config)).toBe("no findings\n");
  const pair = (prefix: string) => [
    `${prefix}cert-file: ${file("b1.lab.test.pem")}`,
    `${prefix}key-file: ${file("b1.lab.test-key.pem")}`,
  ];
  const cas = ["agent-auth-", "etcd-"].map((prefix) => `${prefix}trusted-ca-file: ${file("ca.pem")}`);
  writeFileSync(config, [...pair(""), ...pair("agent-auth-"), ...pair("etcd-"), ...cas, ""].join("\n"));
  const shared = `${file("ca.pem")} vouches for agents too, so each of them can open the store's port: use a CA of its own`;
  expect(await pki("doctor", "--backend", config)).toMatchObject({
    code: 1,
    out: [
      `warning: key-file: ${file("ca-key.pem")} lies beside it: archive the CA's key elsewhere`,
      `warning: etcd-trusted-ca-file: ${shared}`,
      "",
    ].join("\n"),
  });
  const agent = beside("agent.yml");
  writeFileSync(agent, "backend-url: [ws://127.0.0.1:8081, wss://b1:8081, ws://b2:8081]\n");
  expect(await pki("doctor", "--agent", agent)).toMatchObject({
    code: 1,
    out: "warning: backend-url: ws://b2:8081 is plaintext: use wss\n",
  });
});

test("doctor ends with a finding for a file that cannot even be looked for", async () => {
  const config = beside("backend.yml");
  const name = "x".repeat(300);
  writeFileSync(config, `cert-file: /${name}\nkey-file: /${name}\n`);
  expect(await pki("doctor", "--backend", config)).toMatchObject({
    code: 2,
    out: expect.stringMatching(/^error: cert-file: open \/x+: ENAMETOOLONG\n/),
  });
});
