/** Every network interface in the kernel's order, those without address too (W-87). */
import { readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { NetworkInterface } from "@sensu-ts/core";
import { readText } from "./platform.ts";

const SYS_NET = "/sys/class/net";
const NO_MAC = "00:00:00:00:00:00";

export function interfaces(): NetworkInterface[] {
  const withAddress = networkInterfaces();
  const names = new Set([...kernelNames(), ...Object.keys(withAddress)]);
  return [...names].map((name) => {
    const found = withAddress[name] ?? [];
    const mac = found[0]?.mac ?? readText(path.join(SYS_NET, name, "address"))?.trim() ?? "";
    return NetworkInterface.create({
      name,
      mac: mac === NO_MAC ? "" : mac,
      addresses: found.map((address) => address.cidr ?? address.address),
    });
  });
}

function kernelNames(): string[] {
  try {
    const index = (name: string) => Number(readText(path.join(SYS_NET, name, "ifindex")) ?? 0);
    return readdirSync(SYS_NET)
      .filter((name) => readText(path.join(SYS_NET, name, "ifindex")) !== undefined)
      .sort((a, b) => index(a) - index(b));
  } catch {
    return [];
  }
}
