/**
 * The article on a public certificate beside a private CA: its lines as printed, on a machine with our packages, Debian's
 * certbot, and pebble in the place of Let's Encrypt. Ids are rows of the checklist.
 */
import { type Program, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAcme } from "../../guides/acme.ts";
import { AGENT, CA, PROFILES } from "../../guides/seed-000.ts";
import { AGENT_MTLS, BACKEND_MTLS, BACKEND_TLS, DOMAIN, READABLE } from "../../guides/seed-002.ts";
import { ADMIN_PASSWORD, Site, warningsOf } from "../../guides/site.ts";

const LIVE = `/etc/letsencrypt/live/${DOMAIN}`;
const URL_LINE = `backend-url:\n  - wss://${DOMAIN}:8081\n`;
const TO_BACKEND = ["--backend-url", `wss://${DOMAIN}:8081`] as const;
/** The command of Debian's /etc/cron.d/certbot, and that it is time. */
const RENEW = "certbot -q renew --no-random-sleep-on-renew --force-renewal";
const CONNECTED = /successfully connected/;

let site: Site;
let acme: Program;
/** What was seen on the way to a running backend. */
let before: { doctor: string; doctorStatus: number; starts: readonly string[]; modes: string };

beforeAll(async () => {
  site = await Site.start();
  const { machine, shell } = site;
  // Not a loopback address, as the public name of a host is none.
  await shell.done(
    `ip address add 10.0.0.1/32 dev lo; sed -i 's/^127.0.0.1 ${DOMAIN}$/10.0.0.1 ${DOMAIN}/' /etc/hosts`,
  );
  acme = await startAcme(machine, shell);
  await shell.done(`certbot certonly --standalone -d ${DOMAIN}
mkdir -p /etc/sensu/tls/letsencrypt /etc/sensu/tls/private
ln -s ${LIVE}/privkey.pem ${LIVE}/fullchain.pem /etc/sensu/tls/letsencrypt/`);
  await machine.write("/etc/sensu/backend.yml", BACKEND_TLS);
  const start = async () =>
    (
      await machine.shell(
        "sudo -u sensu sensu-backend start --config-file /etc/sensu/backend.yml --state-dir /tmp/refused",
      )
    ).stderr;
  const sick = await shell.type("sensu-pki doctor --backend /etc/sensu/backend.yml");
  const [first, ...remedies] = sick.out
    .split("\n")
    .filter((line) => line.startsWith("as root: "))
    .map((line) => line.slice(9));
  const starts = [await start()];
  await shell.done([first, ...remedies.slice(0, -1)].join("\n"));
  starts.push(await start());
  await shell.done(remedies.at(-1) ?? "false");
  const modes = await shell.done(`stat -c '%U %G %a %n' $(readlink -f ${LIVE}/privkey.pem)`);
  before = { doctor: sick.out, doctorStatus: sick.status, starts, modes };
  // The private CA by the certificate guide's lines, on a machine of its own as it were.
  await shell.done("mkdir /root/private; cd /root/private");
  for (const line of [CA, PROFILES, AGENT]) await shell.done(line);
  await shell.done(
    "cd; install -m 400 -o sensu -t /etc/sensu/tls/private /root/private/ca.pem /root/private/agent.pem /root/private/agent-key.pem",
  );
}, 300_000);

afterAll(async () => {
  await acme?.stop();
  await site?.[Symbol.asyncDispose]();
});

async function saying(flags: readonly string[], pattern: RegExp): Promise<string> {
  await using agent = site.byHand(flags);
  return (await agent.waitForLine(pattern, 40_000))[0];
}

const served = () => Promise.all([8080, 8081, 3000].map((port) => site.serial(port, DOMAIN)));

test("SD-002-10 unreadable at first: the start says which file, doctor which folders, and its commands help", () => {
  expect(before.starts[0]).toContain("open /etc/sensu/tls/letsencrypt/fullchain.pem: permission denied");
  expect(before.starts[1]).toContain("/etc/sensu/tls/letsencrypt/privkey.pem: permission denied");
  expect(before.doctorStatus).toBe(2);
  expect(before.doctor).toContain("as root: chgrp sensu /etc/letsencrypt/live && chmod 0750 /etc/letsencrypt/live\n");
  expect(before.doctor).toContain(
    "as root: chgrp sensu /etc/letsencrypt/archive && chmod 0750 /etc/letsencrypt/archive\n",
  );
});

test("SD-002-06 SD-002-07 SD-002-11 certbot's files are links into the archive, the key an EC key", async () => {
  expect(await site.shell.done(`readlink ${LIVE}/privkey.pem ${LIVE}/fullchain.pem`)).toMatch(
    /^(?:\.\.\/\.\.\/archive\/.*\n){2}$/,
  );
  expect(await site.shell.done(`openssl pkey -noout -text -in ${LIVE}/privkey.pem`)).toContain("prime256v1");
});

test("SD-002-12 SD-002-13 SD-002-14 sensu reads both files, others do not read the key", async () => {
  const [key, chain] = [await site.shell.done(READABLE[0]), await site.shell.done(READABLE[1])];
  expect(key).toContain("-----BEGIN PRIVATE KEY-----");
  expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect((await site.shell.type(`runuser -u nobody -- cat ${LIVE}/privkey.pem`)).status).not.toBe(0);
});

test("SD-002-05 SD-002-20 SD-002-21 SD-002-27 SD-002-29 SD-002-30 the archive issues on; only three files are on the hosts", async () => {
  expect(await site.shell.done("ls /etc/sensu/tls/private")).toBe("agent-key.pem\nagent.pem\nca.pem\n");
  await site.shell.done(
    "sensu-pki issue agent second --dir /root/private && sensu-pki revoke second --dir /root/private",
  );
  expect(await site.shell.done("openssl crl -noout -text -in /root/private/ca.crl.pem")).toContain(
    "Revoked Certificates",
  );
});

describe("the two lines for the public pair", () => {
  beforeAll(() => site.backend(BACKEND_TLS), 120_000);

  test("SD-002-17 SD-002-33 the key is found under the link's name, with one warning", async () => {
    const said = warningsOf(await site.journal("sensu-backend")).filter((line) => line.includes("does not exist"));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^key-file \/etc\/sensu\/tls\/letsencrypt\/key\.pem .*privkey\.pem/);
  });

  test("SD-002-01 SD-002-02 SD-002-03 SD-002-18 SD-002-19 all three ports are trusted by the system's roots alone", async () => {
    expect(new Set(await served())).toEqual(new Set([await site.serialOf(`${LIVE}/fullchain.pem`)]));
    for (const port of [8080, 3000]) {
      await site.shell.done(
        `curl --silent --show-error --fail --user-agent browser https://${DOMAIN}:${port}/ --output /dev/null || curl --silent --show-error --fail https://${DOMAIN}:${port}/health`,
      );
    }
    await site.login(`https://${DOMAIN}:8080`);
    await saying([...TO_BACKEND, "--name", "by-password"], CONNECTED);
    const signedIn = await site.machine.text(
      `curl --silent --user-agent browser --user admin:'${ADMIN_PASSWORD}' https://${DOMAIN}:3000/auth`,
    );
    expect(signedIn).toContain("access_token");
    expect(warningsOf(await site.journal("sensu-backend")).filter((line) => line.startsWith("api-url "))).toHaveLength(
      1,
    );
  });

  test("SD-002-16 the chain is sent, leaf first", async () => {
    const shown = await site.machine.text(`openssl s_client -connect ${DOMAIN}:8080 -showcerts </dev/null 2>/dev/null`);
    expect(shown.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(shown).toContain("Verify return code: 0 (ok)");
  });

  test("SD-002-08 SD-002-13 SD-002-15 renewal: new on every port within seconds, agents stay, the key keeps group and mode", {
    timeout: 180_000,
  }, async () => {
    await using agent = site.byHand([...TO_BACKEND, "--name", "steady", "--keepalive-interval", "5"]);
    await agent.waitForLine(CONNECTED);
    const process = await site.shell.done("systemctl show -p MainPID --value sensu-backend");
    const [old] = await served();
    await site.shell.done(RENEW);
    const renewed = await site.serialOf(`${LIVE}/fullchain.pem`);
    expect(renewed).not.toBe(old);
    await until(
      "the renewed pair on every port",
      async () => ((await served()).every((serial) => serial === renewed) ? true : undefined),
      30_000,
    );
    expect(await site.shell.done("systemctl show -p MainPID --value sensu-backend")).toBe(process);
    expect(agent.lines.filter((line) => CONNECTED.test(line))).toHaveLength(1);
    const modes = await site.shell.done(`stat -c '%U %G %a %n' $(readlink -f ${LIVE}/privkey.pem)`);
    expect(modes).toBe(before.modes.replace("privkey1", "privkey2"));
    expect(modes).toMatch(/^root sensu 640 /);
  });
});

test("SD-002-17 with the link called key.pem nothing is warned about", { timeout: 120_000 }, async () => {
  await site.shell.done(`ln -s ${LIVE}/privkey.pem /etc/sensu/tls/letsencrypt/key.pem`);
  try {
    await site.backend(BACKEND_TLS);
    expect(warningsOf(await site.journal("sensu-backend")).filter((line) => line.includes("does not exist"))).toEqual(
      [],
    );
  } finally {
    await site.shell.done("rm /etc/sensu/tls/letsencrypt/key.pem");
  }
});

describe("agents by certificate of the private CA", () => {
  const own = (name: string) => [
    ...TO_BACKEND,
    "--name",
    name,
    "--cert-file",
    "/etc/sensu/tls/private/agent.pem",
    "--key-file",
    "/etc/sensu/tls/private/agent-key.pem",
  ];
  /** A password agent that was connected before; what it said at the change. */
  let dropped: readonly string[] = [];

  beforeAll(async () => {
    await site.backend(BACKEND_TLS);
    await using agent = site.byHand([...TO_BACKEND, "--name", "by-password"]);
    await agent.waitForLine(CONNECTED);
    await site.backend(BACKEND_TLS + BACKEND_MTLS);
    await agent.waitForLine(/handshake failed with status 401/, 60_000);
    dropped = [...agent.lines];
    await site.agent(URL_LINE + AGENT_MTLS);
    await site.line("sensu-agent", CONNECTED, 60_000);
    await site.login(`https://${DOMAIN}:8080`);
  }, 240_000);

  test("SD-002-40 SD-002-41 SD-002-42 SD-002-31 SD-002-22 SD-002-23 SD-002-44 the agent joins with two lines and no CA file", async () => {
    await site.line("sensu-agent", /using tls client auth/);
    expect(await site.shell.done("cat /etc/sensu/agent.yml")).not.toContain("trusted-ca-file");
    await site.line("sensu-agent", /"check":"keepalive"/);
  });

  test("SD-002-32 SD-002-38 SD-002-39 password agents are dropped and refused with the reason", async () => {
    expect(dropped.join("\n")).toContain("client certificate rejected: tls: client didn't provide a certificate");
    await site.line("sensu-backend", /"agent":"by-password".*didn't provide a certificate/);
  });

  test("SD-002-33 SD-002-34 SD-002-35 SD-002-36 the public pair on all ports; only 8081 asks, for the private CA", async () => {
    expect(new Set(await served())).toEqual(new Set([await site.serialOf(`${LIVE}/fullchain.pem`)]));
    const asked = (port: number) =>
      site.machine.text(`openssl s_client -connect ${DOMAIN}:${port} </dev/null 2>/dev/null || true`);
    expect(await asked(8081)).toContain("Acceptable client certificate CA names\nCN = Sensu Test CA\n");
    for (const port of [8080, 3000]) expect(await asked(port)).toContain("No client certificate CA names sent");
  });

  test("SD-002-24 three agents with one pair, told apart by name", async () => {
    const agents = ["one", "two", "three"].map((name) => site.byHand(own(name)));
    try {
      for (const agent of agents) await agent.waitForLine(CONNECTED);
      await until("three entities", async () => {
        const list = await site.shell.done("sensuctl entity list");
        return ["one", "two", "three"].every((name) => list.includes(name)) ? true : undefined;
      });
    } finally {
      for (const agent of agents) await agent.stop();
    }
  });

  test("SD-002-04 SD-002-37 the backend's own public pair is no agent's; without the CA file it would be, and that is warned about", {
    timeout: 180_000,
  }, async () => {
    await site.shell.done(
      `install -m 400 -o sensu $(readlink -f ${LIVE}/fullchain.pem) /tmp/public.pem; install -m 400 -o sensu $(readlink -f ${LIVE}/privkey.pem) /tmp/public-key.pem`,
    );
    const flags = [
      ...TO_BACKEND,
      "--name",
      "public",
      "--cert-file",
      "/tmp/public.pem",
      "--key-file",
      "/tmp/public-key.pem",
    ];
    expect(await saying(flags, /client certificate rejected: [^"\\]+/)).toContain("unknown authority");
    await site.backend(BACKEND_TLS + BACKEND_MTLS.replace(/agent-auth-trusted.*\n/, ""));
    expect(
      warningsOf(await site.journal("sensu-backend")).filter((line) => line.includes("agent-auth-trusted-ca-file")),
    ).toHaveLength(1);
    await saying(flags, CONNECTED);
    await site.backend(BACKEND_TLS + BACKEND_MTLS);
  });

  test("SD-002-43 SD-002-42 the private CA set by habit, or a loopback address: what is wrong is said", async () => {
    const habit = await saying(
      [...own("habit"), "--trusted-ca-file", "/etc/sensu/tls/private/ca.pem"],
      /x509: certificate signed by unknown authority.*/,
    );
    expect(habit).toContain("trusted-ca-file");
    const address = [...own("address"), "--backend-url", "wss://127.0.0.1:8081"].filter(
      (word) => word !== TO_BACKEND[1],
    );
    expect(
      await saying(["--backend-url", "wss://127.0.0.1:8081", ...address.slice(1)], /x509: .*127\.0\.0\.1.*/),
    ).toContain("SAN");
  });

  test("SD-002-30 a pair that sensu cannot read is tried again until it can", { timeout: 120_000 }, async () => {
    await site.shell.done(
      "install -m 400 -o root /root/private/agent-key.pem /tmp/late-key.pem; install -m 644 /root/private/agent.pem /tmp/late.pem",
    );
    await using agent = site.byHand([
      ...TO_BACKEND,
      "--name",
      "late",
      "--cert-file",
      "/tmp/late.pem",
      "--key-file",
      "/tmp/late-key.pem",
    ]);
    await agent.waitForLine(/open \/tmp\/late-key\.pem: permission denied/);
    await site.shell.done("chown sensu /tmp/late-key.pem");
    await agent.waitForLine(CONNECTED, 60_000);
  });

  test("SD-002-31 a host that does not trust the public CA says so", async () => {
    await using agent = site.byHand(own("empty"), { SSL_CERT_FILE: "/root/private/ca.pem", SSL_CERT_DIR: "/nowhere" });
    await agent.waitForLine(/x509: certificate signed by unknown authority|no system roots|permission denied/);
  });

  test("SD-002-28 of the private files the backend opens ca.pem alone, the agent its pair alone", async () => {
    const opened = async (words: string, seconds: number) =>
      (
        await site.machine.text(
          `cd /; strace -f -qq -e trace=open,openat -o /tmp/opened sudo -u sensu timeout ${seconds} ${words} >/dev/null 2>&1 || true; grep -o 'tls/private/[^"]*"' /tmp/opened | sort -u`,
        )
      )
        .trim()
        .split("\n");
    expect(
      await opened(
        "sensu-backend start --config-file /etc/sensu/backend.yml --state-dir /tmp/traced --api-listen-address 127.0.0.1:0 --agent-port 0 --dashboard-port 0",
        15,
      ),
    ).toEqual(['tls/private/ca.pem"']);
    expect(
      await opened(
        "sensu-agent start --config-file /etc/sensu/agent.yml --cache-dir /tmp/traced-agent --api-port 0 --name traced",
        8,
      ),
    ).toEqual(['tls/private//agent-key.pem"', 'tls/private/agent.pem"']);
  });
});

test("SD-002-09 a mounted Secret is taken when its folder is swapped", { timeout: 120_000 }, async () => {
  const { shell } = site;
  await shell.done(`sensu-pki init --dir /root/k8s; mkdir -p /mnt/secret; cd /mnt/secret
for n in 1 2; do sensu-pki issue backend ${DOMAIN} --dir /root/k8s --force
  install -d -m 750 -g sensu ..data_$n; install -m 440 -g sensu /root/k8s/${DOMAIN}.pem ..data_$n/tls.crt; install -m 440 -g sensu /root/k8s/${DOMAIN}-key.pem ..data_$n/tls.key; done
ln -s ..data_1 ..data; ln -s ..data/tls.crt tls.crt; ln -s ..data/tls.key tls.key; cd`);
  await site.backend("cert-file: /mnt/secret/tls.crt\nkey-file: /mnt/secret/tls.key\n");
  expect((await served())[0]).toBe(await site.serialOf("/mnt/secret/..data_1/tls.crt"));
  await shell.done("cd /mnt/secret; ln -s ..data_2 ..data_tmp; mv -T ..data_tmp ..data; cd");
  const next = await site.serialOf("/mnt/secret/..data_2/tls.crt");
  await until(
    "the swapped pair",
    async () => ((await served()).every((serial) => serial === next) ? true : undefined),
    30_000,
  );
});
