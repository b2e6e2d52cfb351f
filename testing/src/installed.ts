/** Our Debian packages on a machine of its own (machine.ts), with `systemctl` and `journalctl` (systemctl/main.ts). */
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { Machine, type MachineOptions, PROGRAMS } from "./machine.ts";
import { run } from "./program.ts";

const repository = path.resolve(import.meta.dirname, "../..");

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Where the tests of one run share what is built from the same sources; it is removed with the run (shared-packages.ts). */
const SHARED = "SENSU_TEST_PACKAGES";

export interface BuiltPackages extends Disposable {
  /** Paths as a machine sees them. */
  readonly files: readonly string[];
}

/** The packages of this version, built once a run. Until they are disposed of they take 400 MB, as nothing is compressed. */
export async function buildPackages(): Promise<BuiltPackages> {
  const shared = process.env[SHARED];
  if (shared === undefined) return buildOwnPackages();
  if (!existsSync(shared)) renameSync(await buildInto([]), shared);
  return { files: seenByMachine(shared), [Symbol.dispose]: () => {} };
}

/** Built anew, for this caller alone. */
export async function buildOwnPackages(version?: string): Promise<BuiltPackages> {
  const folder = await buildInto(version === undefined ? [] : ["--version", version]);
  return { files: seenByMachine(folder), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

async function buildInto(options: readonly string[]): Promise<string> {
  const folder = mkdtempSync(path.join(repository, "dist/packages-"));
  const { code, stderr } = await run([
    ...[process.execPath, path.join(repository, "scripts/package.ts")],
    ...["--compression", "none", "--output", folder, ...options],
  ]);
  if (code !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`building packages: ${stderr}`);
  }
  // The folder is of this user alone, and apt reads packages as another one.
  chmodSync(folder, 0o755);
  return folder;
}

function seenByMachine(folder: string): string[] {
  const inside = path.join(PROGRAMS, path.relative(repository, folder));
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(inside, name));
}

/** A systemctl that works without a running systemd, where guides, sudo and packages find it first. */
export async function addSystemctl(machine: Machine): Promise<void> {
  for (const name of ["systemctl", "journalctl"]) {
    const line = `exec ${PROGRAMS}/node_modules/.bin/node ${PROGRAMS}/testing/src/systemctl/main.ts ${name} "$@"`;
    await machine.write(`/usr/local/sbin/${name}`, `#!/bin/sh\n${line}\n`);
  }
  // apt gives the packages' scripts a PATH of its own.
  await machine.write("/etc/apt/apt.conf.d/00systemctl", `DPkg::Path "${PATH}";\n`);
  // The sign by which packages see that units can be started, and the one by which images forbid it.
  await machine.text(
    "chmod 755 /usr/local/sbin/systemctl /usr/local/sbin/journalctl; mkdir -p /run/systemd/system; rm -f /usr/sbin/policy-rc.d",
  );
}

export function aptInstall(packages: readonly string[]): string {
  return `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(" ")} </dev/null 2>&1`;
}

/** The rig of most guides: a fresh machine on which an operator has installed all our packages. */
export async function startInstalledMachine(options: Omit<MachineOptions, "has"> = {}): Promise<Machine> {
  using packages = await buildPackages();
  const machine = await Machine.start({ ...options, has: "none" });
  try {
    await addSystemctl(machine);
    await machine.text(aptInstall(packages.files));
    return machine;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}
