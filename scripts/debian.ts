import { spawnSync } from "node:child_process";

/** What a test needs beyond Node, by the command that shows it is there. */
const PACKAGES = {
  chromium: "chromium",
  strace: "strace",
  microsocks: "microsocks",
  zsh: "zsh",
  fish: "fish",
  script: "bsdutils",
  setpriv: "util-linux",
  ps: "procps",
  cfssl: "golang-cfssl",
  openssl: "openssl",
  sudo: "sudo",
  unshare: "util-linux",
  ip: "iproute2",
  curl: "curl",
  certutil: "libnss3-tools",
  certbot: "certbot",
  pebble: "pebble",
  adduser: "adduser",
  logrotate: "logrotate",
  "systemd-analyze": "systemd",
} as const;

function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" }).status === 0;
}

/** Installs missing Debian packages; throws with what to do when this machine or user cannot. */
export function installDebianPackages(): void {
  const missing = Object.entries(PACKAGES).filter(([command]) => !has(command));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map(([, name]) => name))];
  const line = `apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (!has("apt-get")) throw new Error(`missing: ${names.join(", ")}; this is no Debian, install them your way`);
  const root = process.getuid?.() === 0;
  if (!root && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status !== 0) {
    throw new Error(`missing: ${names.join(", ")}; run this as root first: ${line}`);
  }
  process.stderr.write(`installing ${names.join(" ")} ...\n`);
  const prefix = root ? [] : ["sudo", "-n"];
  for (const words of [["apt-get", "update", "-q"], line.split(" ")]) {
    const [file = "", ...args] = [...prefix, ...words];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const done = spawnSync(file, args, { stdio: ["ignore", 2, 2], env });
    if (done.status !== 0) throw new Error(`${words.join(" ")} failed; the lines above say why`);
  }
}
