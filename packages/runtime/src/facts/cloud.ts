/** Which cloud this host runs in, asked only when the option says so (W-90). */
import { execFile } from "node:child_process";
import { resolve4 } from "node:dns/promises";
import { readText } from "./platform.ts";

export type CloudProvider = "EC2" | "GCP" | "Azure" | "";

export async function cloudProvider(signal: AbortSignal): Promise<CloudProvider> {
  const bios = await dmidecode("bios-version", signal);
  if (bios !== undefined) {
    if (bios.includes("amazon")) return "EC2";
    if (bios.includes("google")) return "GCP";
    const manufacturer = await dmidecode("system-manufacturer", signal);
    if (manufacturer !== undefined) return manufacturer.includes("microsoft") ? "Azure" : "";
  }
  if (readText("/sys/hypervisor/uuid")?.startsWith("ec2")) return "EC2";
  const asked: Promise<CloudProvider>[] = [amazon(signal), google(), microsoft(signal)];
  return Promise.any(asked).catch(() => "");
}

function dmidecode(what: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("sudo", ["-n", "dmidecode", "-s", what], { signal }, (error, stdout, stderr) => {
      resolve(error ? undefined : (stdout + stderr).toLowerCase());
    });
  });
}

async function amazon(signal: AbortSignal): Promise<CloudProvider> {
  const url = "http://169.254.169.254/latest/dynamic/instance-identity";
  const response = await fetch(url, { signal, redirect: "manual" });
  if (response.status < 200 || response.status > 399) throw new Error("not there");
  return "EC2";
}

async function google(): Promise<CloudProvider> {
  await resolve4("metadata.google.internal");
  return "GCP";
}

async function microsoft(signal: AbortSignal): Promise<CloudProvider> {
  const url = "http://169.254.169.254/metadata/instance";
  const response = await fetch(url, { signal, headers: { Metadata: "true" } });
  const versions = ((await response.json()) as { "newest-versions"?: unknown[] })["newest-versions"];
  if (!Array.isArray(versions) || versions.length === 0) throw new Error("not there");
  return "Azure";
}
