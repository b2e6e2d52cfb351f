/** Whether this host is a guest, and of what (W-89). A later sign overrides an earlier one. */
import { existsSync } from "node:fs";
import path from "node:path";
import { readText } from "./platform.ts";

export interface Virtualization {
  readonly system: string;
  readonly role: string;
}

/** `root` is `/` except in tests. */
export function linuxVirtualization(root = "/"): Virtualization {
  const at = (file: string) => path.join(root, file);
  const read = (file: string) => readText(at(file));
  let system = "";
  let role = "";
  const is = (newSystem: string, newRole: string) => {
    system = newSystem;
    role = newRole;
  };

  if (existsSync(at("proc/xen"))) is("xen", read("proc/xen/capabilities")?.includes("control_d") ? "host" : "guest");
  const modules = read("proc/modules");
  if (modules?.includes("kvm")) is("kvm", "host");
  else if (modules?.includes("hv_util")) is("hyperv", "guest");
  else if (modules?.includes("vboxdrv")) is("vbox", "host");
  else if (modules?.includes("vboxguest")) is("vbox", "guest");
  else if (modules?.includes("vmware")) is("vmware", "guest");
  if (/QEMU Virtual CPU|Common KVM processor|Common 32-bit KVM processor/.test(read("proc/cpuinfo") ?? "")) {
    is("kvm", "guest");
  }
  if (read("proc/bus/pci/devices")?.includes("virtio-pci")) role = "guest";
  if (existsSync(at("proc/bc/0"))) is("openvz", "host");
  else if (existsSync(at("proc/vz"))) is("openvz", "guest");
  if (read("proc/1/environ")?.includes("container=lxc")) is("lxc", "guest");
  const cgroup = read("proc/self/cgroup");
  if (cgroup?.includes("lxc")) is("lxc", "guest");
  else if (cgroup?.includes("docker")) is("docker", "guest");
  else if (cgroup?.includes("machine-rkt")) is("rkt", "guest");
  if (existsSync(at(".dockerenv"))) is("docker", "guest");
  return { system, role };
}
