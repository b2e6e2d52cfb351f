/** Which Linux distribution this is, told as the original's library tells it, since asset filters test it (W-88). */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Platform {
  readonly platform: string;
  readonly family: string;
  readonly version: string;
}

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  debian: ["debian", "ubuntu", "linuxmint", "raspbian"],
  rhel: ["oracle", "centos", "redhat", "scientific", "amazon", "xenserver", "cloudlinux", "rocky", "almalinux"],
  fedora: ["fedora"],
  suse: ["suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "opensuse-tumbleweed-kubic", "sles", "sled"],
  gentoo: ["gentoo"],
  slackware: ["slackware"],
  arch: ["arch"],
  alpine: ["alpine"],
  coreos: ["coreos"],
  solus: ["solus"],
};

/** `root` is `/` except in tests. */
export function linuxPlatform(root = "/"): Platform {
  const { platform, version } = distribution(root);
  const family = Object.keys(FAMILIES).find((name) => FAMILIES[name]?.includes(platform)) ?? "";
  return { platform, version, family };
}

/** The first release file that is there decides. */
function distribution(root: string): { platform: string; version: string } {
  const read = (file: string) => readText(path.join(root, file));
  const lsb = lsbRelease(root);
  const oracle = read("etc/oracle-release") ?? read("etc/enterprise-release");
  if (oracle !== undefined) return { platform: "oracle", version: redhatVersion(oracle) };
  const slackware = read("etc/slackware-version");
  if (slackware !== undefined)
    return { platform: "slackware", version: /Slackware\s+(\S+)/.exec(slackware)?.[1] ?? "" };
  const debian = read("etc/debian_version");
  if (debian !== undefined) {
    if (lsb.id === "Ubuntu") return { platform: "ubuntu", version: lsb.release };
    if (lsb.id === "LinuxMint") return { platform: "linuxmint", version: lsb.release };
    const raspberry = existsSync(path.join(root, "usr/bin/raspi-config"));
    return { platform: raspberry ? "raspbian" : "debian", version: debian.split("\n")[0]?.trim() ?? "" };
  }
  const redhat = read("etc/redhat-release") ?? read("etc/system-release");
  if (redhat !== undefined) return { platform: redhatPlatform(redhat), version: redhatVersion(redhat) };
  const gentoo = read("etc/gentoo-release");
  if (gentoo !== undefined) return { platform: "gentoo", version: redhatVersion(gentoo) };
  const suse = read("etc/SuSE-release");
  if (suse !== undefined) {
    const version = /VERSION = ([\d.]+)/.exec(suse)?.[1] ?? "";
    const level = /PATCHLEVEL = (\d+)/.exec(suse)?.[1];
    const platform = suse.toLowerCase().includes("opensuse") ? "opensuse" : "suse";
    return { platform, version: level === undefined ? version : `${version}.${level}` };
  }
  if (existsSync(path.join(root, "etc/arch-release"))) return { platform: "arch", version: "" };
  const alpine = read("etc/alpine-release");
  if (alpine !== undefined) return { platform: "alpine", version: alpine.split("\n")[0]?.trim() ?? "" };
  const release = read("etc/os-release") ?? read("usr/lib/os-release");
  if (release !== undefined) {
    const keys = assignments(release);
    const id = keys.get("ID") ?? "";
    if (id !== "") {
      return { platform: id.includes("amzn") ? "amazon" : id.toLowerCase(), version: keys.get("VERSION_ID") ?? "" };
    }
  }
  return { platform: lsb.id.toLowerCase(), version: lsb.release };
}

function lsbRelease(root: string): { id: string; release: string } {
  const keys = assignments(readText(path.join(root, "etc/lsb-release")) ?? "");
  return { id: keys.get("DISTRIB_ID") ?? "", release: keys.get("DISTRIB_RELEASE") ?? "" };
}

function redhatPlatform(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("red hat") ? "redhat" : (lower.trim().split(/\s+/)[0] ?? "");
}

function redhatVersion(text: string): string {
  const lower = text.toLowerCase();
  if (lower.includes("rawhide")) return "rawhide";
  return /release (\w[\d.]*)/.exec(lower)?.[1] ?? "";
}

function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^(\w+)=(.*)$/.exec(line.trim());
    if (match) found.set(match[1] as string, (match[2] as string).replace(/^(["'])(.*)\1$/, "$2"));
  }
  return found;
}

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
