/**
 * The packages where no systemd runs: over the original's own, under the init scripts (B-1456), and as the image has
 * them (B-1457, B-1458, B-1616). No engine for containers runs here: the lines of the Containerfile are typed instead.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { aptInstall, buildPackages, Machine, PROGRAMS, until } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const repository = path.resolve(import.meta.dirname, "../../..");
const READY = "curl -fsS http://127.0.0.1:8080/ready";
const signIn = (password: string) => `curl -fsS -u 'admin:${password}' http://127.0.0.1:8080/auth`;

/** The shape of the original's package: its names, its places, a version far above ours. */
const ORIGINAL = `mkdir -p old/DEBIAN old/usr/sbin old/lib/systemd/system
printf 'Package: sensu-go-backend\\nVersion: 6.14.2-8000\\nArchitecture: all\\nMaintainer: x <x@example.com>\\nDescription: x\\n' > old/DEBIAN/control
printf '#!/bin/sh\\necho original\\n' > old/usr/sbin/sensu-backend
echo '[Unit]' > old/lib/systemd/system/sensu-backend.service
chmod 755 old/usr/sbin/sensu-backend
dpkg-deb --build --root-owner-group old old.deb && dpkg -i old.deb`;

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start({ has: "none" });
  await machine.text(ORIGINAL, { cwd: "/tmp" });
  using packages = await buildPackages();
  await machine.text(aptInstall(packages.files));
}, 300_000);
afterAll(() => machine?.[Symbol.asyncDispose]());

/** Programs start slowly where others measure. */
const PATIENCE_MS = 60_000;

function works(line: string): Promise<string> {
  const succeeds = async () => {
    const { code, stdout } = await machine.shell(line);
    return code === 0 ? stdout : undefined;
  };
  return until(`${line} on the machine`, succeeds, PATIENCE_MS);
}

test("over the original's package apt counts ours as newer, and every file is ours", async () => {
  expect(await machine.text("dpkg -s sensu-go-backend | grep ^Version")).toBe("Version: 1:0.1.0\n");
  expect(await machine.text("sensu-backend version")).not.toContain("original");
  expect(await machine.text("grep ExecStart= /usr/lib/systemd/system/sensu-backend.service")).toContain("backend.yml");
  expect(await machine.text("dpkg --verify sensu-go-backend")).toBe("");
});

test("B-1456 the init scripts start, reload, restart and stop the services as user sensu, with log and process id", {
  timeout: 300_000,
}, async () => {
  const init = (words: string) => machine.shell(`/etc/init.d/sensu-${words}`);
  expect(await init("backend status")).toMatchObject({ code: 3, stdout: "sensu-backend is not running\n" });
  // Says so itself, where the program ends within its second.
  await init("backend start");
  await works("grep 'open /etc/sensu/backend.yml' /var/log/sensu/sensu-backend.log");
  await works("! /etc/init.d/sensu-backend status");
  await machine.text(
    `echo --- > /etc/sensu/backend.yml
printf '%s\n' '# as systemd reads it' 'SENSU_BACKEND_LABELS={"rack":"7"}' 'SENSU_BACKEND_LOG_LEVEL="info"' > /etc/default/sensu-backend`,
  );

  expect(await init("backend start")).toMatchObject({ code: 0, stdout: "sensu-backend started\n" });
  await works(READY);
  const pid = (await machine.text("cat /var/run/sensu/sensu-backend.pid")).trim();
  expect(await machine.text(`stat -c %U:%G /proc/${pid}; readlink /proc/${pid}/cwd`)).toBe("sensu:sensu\n/\n");
  expect(await machine.text(`tr '\\0' '\\n' < /proc/${pid}/environ`)).toContain('SENSU_BACKEND_LABELS={"rack":"7"}\n');
  expect(await machine.text("stat -c '%U:%G %a' /var/log/sensu/sensu-backend.log")).toBe("sensu:adm 640\n");
  expect(await init("backend start")).toMatchObject({ code: 0, stdout: "sensu-backend is running\n" });
  expect((await init("backend reload")).code).toBe(0);
  await works(`grep -q '"level":"info"' /var/log/sensu/sensu-backend.log && kill -0 ${pid}`);

  // What is rotated goes on in the same file, as the program keeps it open.
  await machine.text("logrotate --force /etc/logrotate.d/sensu-backend");
  await machine.text(`test -s /var/log/sensu/sensu-backend.log.1.gz; kill -HUP ${pid}`);
  expect((await init("backend restart")).stdout).toBe("sensu-backend stopped\nsensu-backend started\n");
  await works(READY);
  expect((await machine.text("cat /var/run/sensu/sensu-backend.pid")).trim()).not.toBe(pid);
  expect(await init("agent start")).toMatchObject({ code: 0 });
  expect(await init("agent stop")).toMatchObject({ code: 0, stdout: "sensu-agent stopped\n" });
  expect(await init("backend stop")).toMatchObject({ code: 0, stdout: "sensu-backend stopped\n" });
  expect((await machine.shell("pgrep -u sensu; ls /var/run/sensu/*.pid")).stdout).toBe("");
  expect(await init("backend reload")).toMatchObject({ code: 7 });
  expect(await init("backend dance")).toMatchObject({ code: 2 });
  await machine.text("rm -r /var/lib/sensu/sensu-backend/* /etc/sensu/backend.yml /etc/default/sensu-backend");
});

/** What the image's build does once the packages are in it. */
async function asImage(): Promise<void> {
  const text = readFileSync(path.join(repository, "packaging/container/Containerfile"), "utf8");
  const [links = ""] = /^RUN for name[\s\S]*?sensuctl$/m.exec(text) ?? [];
  const copy = `install -D -m 0755 ${PROGRAMS}/packaging/container/entrypoint /opt/sensu/bin/entrypoint`;
  await machine.text(`${copy}\n${links.replace(/^RUN /, "")}`);
  // The package dumb-init, which is not here, hands signals on and buries orphans.
  await machine.write("/usr/bin/dumb-init", '#!/bin/sh\nexec "$@"\n');
  await machine.text("chmod 755 /usr/bin/dumb-init");
}

test("B-1458 B-1616 S-220 the image's backend makes its administrator once, and starts again", {
  timeout: 300_000,
}, async () => {
  await asImage();
  const env = { HOSTNAME: "c1", SENSU_BACKEND_STATE_DIR: "/var/lib/sensu/sensu-backend", HOME: "/var/lib/sensu" };
  const start = (more: Record<string, string> = {}, ...words: string[]) =>
    machine.start(["/usr/local/bin/sensu-backend", ...words], { user: "sensu", env: { ...env, ...more } });
  const first = start();
  await works(READY);
  await works(signIn("P@ssw0rd!"));
  expect(await machine.text("tr '\\0' '\\n' < /proc/$(pgrep -u sensu -o)/environ | grep -E '_API_URL|_HOSTNAME'")).toBe(
    "SENSU_HOSTNAME=c1\nSENSU_BACKEND_API_URL=http://c1:8080\n",
  );
  // The administrator's password is not for the program, nor for what it runs.
  expect(await machine.text("tr '\\0' '\\n' < /proc/$(pgrep -u sensu -o)/environ")).not.toContain("PASSWORD");
  await first.stop();

  const again = start({ SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: "another-one" }, "start", "--log-level", "info");
  await works(READY);
  await works(signIn("P@ssw0rd!"));
  expect((await machine.shell(signIn("another-one"))).code).not.toBe(0);
  await again.stop();

  const elsewhere = start({ SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: "of-my-own" }, "start", "-d", "/var/lib/sensu/two");
  await works(READY);
  await works(signIn("of-my-own"));
  await elsewhere.stop();
  const version = await machine.text("/usr/local/bin/sensu-backend version; /usr/local/bin/sensu-agent version");
  expect(version).toMatch(/^sensu-backend version [\s\S]*sensu-agent version /);
});
