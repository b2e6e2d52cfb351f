/** The Debian packages as an operator meets them: installed by apt on a machine of their own (B 14, W-158, S-2, S-400 to S-402). */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import {
  addSystemctl,
  aptInstall,
  buildOwnPackages,
  buildPackages,
  Machine,
  PROGRAMS,
  startInstalledMachine,
  until,
} from "@sensu-ts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = path.resolve(import.meta.dirname, "../../..");
const ADMIN = "SENSU_BACKEND_CLUSTER_ADMIN_USERNAME=admin SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD='P@ssw0rd!'";
const TEMPLATE = "/usr/share/doc/sensu-go-backend/examples/backend.yml";
const CONFIGURE = `install -m 0640 -g sensu ${TEMPLATE} /etc/sensu/backend.yml`;

/** Waits in the machine until the line succeeds. */
function works(machine: Machine, line: string): Promise<string> {
  return until(`${line} on the machine`, async () => {
    const { code, stdout } = await machine.shell(line);
    return code === 0 ? stdout : undefined;
  });
}

describe("installed by apt-get install ./*.deb", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startInstalledMachine();
  }, 300_000);
  afterAll(() => machine?.[Symbol.asyncDispose]());

  test("SD-000-05 B-1452 B-1453 account and folders have the right owners and modes", async () => {
    expect(await machine.text("getent passwd sensu")).toMatch(/^sensu:x:\d+:\d+:[^:]*:\/opt\/sensu:\/bin\/false\n$/);
    expect(await machine.text("id -gn sensu")).toBe("sensu\n");
    const stat = "stat -c '%a %U:%G %n' /etc/sensu /etc/sensu/* /etc/default/sensu-* /etc/logrotate.d/sensu-*";
    const folders = "/var/lib/sensu /var/lib/sensu/* /var/cache/sensu /var/cache/sensu/* /var/log/sensu";
    expect((await machine.text(`${stat} ${folders}`)).trimEnd().split("\n")).toEqual([
      "755 root:root /etc/sensu",
      "644 root:root /etc/sensu/agent.yml.example",
      "640 root:sensu /etc/default/sensu-agent",
      "640 root:sensu /etc/default/sensu-backend",
      "644 root:root /etc/logrotate.d/sensu-agent",
      "644 root:root /etc/logrotate.d/sensu-backend",
      "755 sensu:sensu /var/lib/sensu",
      "700 sensu:sensu /var/lib/sensu/sensu-backend",
      "755 sensu:sensu /var/cache/sensu",
      "755 sensu:sensu /var/cache/sensu/sensu-agent",
      "755 sensu:sensu /var/cache/sensu/sensu-backend",
      "750 sensu:adm /var/log/sensu",
    ]);
  });

  test("SD-000-16 S-473 no folder for certificates, no file under a name of cfssl, none that two packages own", async () => {
    const owned = (name: string) => machine.text(`dpkg -L sensu-go-${name}`);
    const lists = await Promise.all(["backend", "agent", "cli"].map(owned));
    const files = await machine.text(
      `dpkg -L sensu-go-backend sensu-go-agent sensu-go-cli | grep . | sort | uniq -d | while read f; do [ -d "$f" ] || echo "$f"; done`,
    );
    expect(files).toBe("");
    expect(lists.join("\n")).not.toMatch(/\/etc\/sensu\/(?:tls|backend\.yml)|\/cfssl(?:json)?$/m);
    expect((await machine.shell("test -e /etc/sensu/tls")).code).toBe(1);
  });

  test("every file is as it was packed, and none may be changed by user sensu", async () => {
    expect(await machine.text("dpkg --verify sensu-go-backend sensu-go-agent sensu-go-cli")).toBe("");
    expect(await machine.text("find /usr/lib/sensu-go-* ! -user root -o -perm /022 ! -type l")).toBe("");
  });

  test("B-1454 W-158 systemd accepts the units; nothing is enabled or started", async () => {
    const units = "/usr/lib/systemd/system/sensu-backend.service /usr/lib/systemd/system/sensu-agent.service";
    const { code, stdout, stderr } = await machine.shell(`systemd-analyze verify ${units}`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    // And with the drop-ins of the examples, which leave few ways out.
    for (const name of ["backend", "agent"]) {
      const dropIn = `/etc/systemd/system/sensu-${name}.service.d/hardening.conf`;
      await machine.text(
        `install -D -m 0644 /usr/share/doc/sensu-go-${name}/examples/hardening.conf ${dropIn}; systemd-analyze verify sensu-${name}.service`,
      );
      const shown = `systemd-analyze security --offline=true --threshold=30 --no-pager sensu-${name}.service`;
      expect(await machine.text(shown)).toContain(" OK");
      await machine.text(`rm -r $(dirname ${dropIn})`);
    }
    for (const unit of ["sensu-backend", "sensu-agent"]) {
      expect((await machine.shell(`systemctl is-enabled ${unit}`)).stdout).toBe("disabled\n");
      expect((await machine.shell(`pgrep -f /usr/lib/sensu-go-${unit}`)).code).toBe(1);
    }
  });

  test("S-473 sensuctl and sensu-pki are in PATH; the two names come only when asked for", async () => {
    expect(await machine.text("sensuctl version")).toContain("sensuctl version");
    expect((await machine.shell("test -e /usr/local/bin/cfssl")).code).toBe(1);
    for (const program of ["sensu-pki", "sensuctl pki"]) {
      await machine.text(`${program} names install`);
      expect(await machine.text("/usr/local/bin/cfssl version")).toContain("Version: 1.4.1");
    }
    expect(await machine.text("stat -c '%F %a' /usr/local/bin/cfssl")).toBe("regular file 755\n");
    expect((await machine.shell("dpkg -S /usr/local/bin/cfssl /usr/local/bin/cfssljson")).code).not.toBe(0);
    await machine.text("sensu-pki names remove");
  });

  test("B-1455 SD-BL-06 without backend.yml the service ends and says which file is missing", {
    timeout: 240_000,
  }, async () => {
    await using fresh = await Machine.start({ has: "none" });
    await addSystemctl(fresh);
    using packages = await buildPackages();
    await fresh.text(aptInstall(packages.files.filter((file) => file.includes("sensu-go-backend"))));
    await fresh.text("sudo systemctl start sensu-backend");
    await works(fresh, "systemctl is-failed sensu-backend");
    expect(await fresh.text("journalctl -u sensu-backend")).toContain("open /etc/sensu/backend.yml");
    const shown = await fresh.shell("systemctl status sensu-backend");
    expect(shown.code).toBe(3);
    expect(shown.stdout).toContain("status=1");
  });

  test("systemctl's own words for what is not there or does not run", async () => {
    for (const [line, code] of [
      ["systemctl start nothing", 5],
      ["systemctl status nothing", 4],
      ["systemctl is-active sensu-agent", 3],
      ["systemctl reload sensu-agent", 1],
      ["systemctl try-restart sensu-agent", 0],
    ] as const) {
      expect({ line, code: (await machine.shell(line)).code }).toEqual({ line, code });
    }
    expect((await machine.shell("pgrep -u sensu")).code).toBe(1);
  });

  test("a backend and an agent run as user sensu, and sensuctl sees both", async () => {
    await machine.text(`${CONFIGURE}; echo SENSU_BACKEND_LOG_LEVEL=info >> /etc/default/sensu-backend`);
    await machine.text("echo SENSU_SUBSCRIPTIONS=web >> /etc/default/sensu-agent");
    await machine.text("sudo systemctl start sensu-backend");
    await works(machine, "curl -fsS http://127.0.0.1:8080/ready");
    await machine.text(`sudo -u sensu ${ADMIN} sensu-backend init; sudo systemctl start sensu-agent`);
    await machine.text("sensuctl configure -n --url http://127.0.0.1:8080 --username admin --password 'P@ssw0rd!'");
    const entity = await works(machine, "sensuctl entity info backend-1 --format json");
    expect(JSON.parse(entity)).toMatchObject({ subscriptions: ["web", "entity:backend-1"] });
    for (const unit of ["sensu-backend", "sensu-agent"]) {
      const pid = (await machine.text(`systemctl show -p MainPID --value ${unit}`)).trim();
      expect(await machine.text(`stat -c '%U:%G' /proc/${pid}; readlink /proc/${pid}/cwd`)).toBe("sensu:sensu\n/\n");
    }
    expect(await machine.text("find /var/lib/sensu/sensu-backend -perm /077 ! -type s")).toBe("");
    expect(await machine.text("stat -c '%U:%G' /run/sensu")).toBe("sensu:sensu\n");
    // The variable of /etc/default is in force, and logrotate reaches the running service.
    expect(await machine.text("journalctl -u sensu-backend")).toContain('"level":"info"');
    const pid = await machine.text("systemctl show -p MainPID --value sensu-backend");
    await machine.text(
      "echo '{}' > /var/log/sensu/backend-stats.log; logrotate --force /etc/logrotate.d/sensu-backend",
    );
    expect(await machine.text("ls /var/log/sensu")).toContain("backend-stats.log.1\n");
    expect(await machine.text("systemctl show -p MainPID --value sensu-backend")).toBe(pid);
    // Killed, it is started again, and the unit counts it.
    await machine.text(`kill -9 ${pid}`);
    await works(machine, "[ $(systemctl show -p NRestarts --value sensu-backend) = 1 ]");
    await works(machine, "curl -fsS http://127.0.0.1:8080/ready");
    // A page that a browser can load, and a certificate made by the CLI package for this very user.
    expect(await machine.text("curl -fsS -A Mozilla/5.0 http://127.0.0.1:3000/")).toContain("<html");
    await machine.text("sensu-pki init && sensu-pki issue backend");
    expect(await machine.text("stat -c '%a %U' /etc/sensu/tls/backend-1-key.pem")).toMatch(/^[46]00 sensu\n/);
    await machine.text("sudo systemctl stop sensu-agent sensu-backend; rm -r /etc/sensu/tls /etc/sensu/backend.yml");
    expect((await machine.shell("pgrep -u sensu")).code).toBe(1);
  });
});

test("an upgrade keeps what the operator wrote, and runs the new program; removal and purge", {
  timeout: 300_000,
}, async () => {
  const next = "0.2.0~test";
  await using machine = await startInstalledMachine();
  await machine.text(
    `${CONFIGURE}; echo '# mine' >> /etc/default/sensu-backend; chmod 0600 /etc/default/sensu-backend`,
  );
  await machine.text("systemctl start sensu-backend");
  await works(machine, "curl -fsS http://127.0.0.1:8080/ready");
  await machine.text(`sudo -u sensu ${ADMIN} sensu-backend init`);
  const before = await machine.text("systemctl show -p MainPID --value sensu-backend");

  using packages = await buildOwnPackages(next);
  await machine.text(aptInstall(packages.files));
  expect(await machine.text("dpkg -s sensu-go-backend | grep '^Version'")).toBe(`Version: 1:${next}\n`);
  expect(await machine.text("tail -n1 /etc/default/sensu-backend; stat -c %a:%G /etc/default/sensu-backend")).toBe(
    "# mine\n600:sensu\n",
  );
  expect(await machine.text("systemctl show -p MainPID --value sensu-backend")).not.toBe(before);
  expect((await machine.shell("systemctl is-active sensu-agent")).stdout).toBe("inactive\n");
  await works(machine, "curl -fsS http://127.0.0.1:8080/ready");
  await machine.text("curl -fsS -u 'admin:P@ssw0rd!' http://127.0.0.1:8080/auth");

  await machine.text("systemctl enable sensu-backend; apt-get remove -y sensu-go-backend");
  expect((await machine.shell("pgrep -u sensu")).code).toBe(1);
  expect(
    await machine.text("ls /etc/default/sensu-backend /etc/sensu/backend.yml /etc/logrotate.d/sensu-backend"),
  ).not.toBe("");
  expect(await machine.text("find /etc/systemd -name 'sensu-*'")).toBe("");

  const purged = await machine.text("apt-get purge -y sensu-go-backend");
  expect(purged).toContain("the data in /var/lib/sensu/sensu-backend is kept");
  const left = "find /etc/default /etc/logrotate.d /var/cache/sensu /var/log/sensu /etc/sensu -name '*sensu*'";
  expect((await machine.text(left)).trimEnd().split("\n").sort()).toEqual([
    "/etc/default/sensu-agent",
    "/etc/logrotate.d/sensu-agent",
    "/etc/sensu",
    "/var/cache/sensu",
    "/var/cache/sensu/sensu-agent",
    "/var/log/sensu",
  ]);
  await machine.text(
    "test -d /var/lib/sensu/sensu-backend/store && test -f /etc/sensu/backend.yml && getent passwd sensu",
  );
  await machine.text("apt-get purge -y sensu-go-agent sensu-go-cli");
  expect((await machine.shell("ls -d /var/cache/sensu /var/log/sensu /usr/lib/sensu-go-*")).stdout).toBe("");
});

test("the same sources give the same bytes", async () => {
  const hashes = async (build: typeof buildPackages): Promise<string[]> => {
    using packages = await build();
    expect(packages.files).toHaveLength(3);
    return await Promise.all(
      packages.files.map(async (file) => {
        const hash = createHash("sha256");
        await pipeline(createReadStream(path.join(repository, path.relative(PROGRAMS, file))), hash);
        return hash.digest("hex");
      }),
    );
  };
  const first = await hashes(buildPackages);
  const mask = process.umask(0o077);
  try {
    expect(await hashes(buildOwnPackages)).toEqual(first);
  } finally {
    process.umask(mask);
  }
});
