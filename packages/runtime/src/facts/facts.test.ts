import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { interfaces } from "./network.ts";
import { linuxPlatform } from "./platform.ts";
import { linuxVirtualization } from "./virtualization.ts";

function host(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), "host-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

const UBUNTU = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n";

test.each<[Record<string, string>, string, string, string]>([
  [{ "etc/debian_version": "12.5\n" }, "debian", "debian", "12.5"],
  [{ "etc/debian_version": "bookworm/sid\n", "etc/lsb-release": UBUNTU }, "ubuntu", "debian", "22.04"],
  [{ "etc/debian_version": "12.1\n", "usr/bin/raspi-config": "" }, "raspbian", "debian", "12.1"],
  [{ "etc/redhat-release": "Rocky Linux release 9.3 (Blue Onyx)\n" }, "rocky", "rhel", "9.3"],
  [{ "etc/redhat-release": "Red Hat Enterprise Linux release 8.9 (Ootpa)" }, "redhat", "rhel", "8.9"],
  [{ "etc/oracle-release": "Oracle Linux Server release 8.1" }, "oracle", "rhel", "8.1"],
  [{ "etc/system-release": "Amazon Linux release 2 (Karoo)" }, "amazon", "rhel", "2"],
  [{ "etc/alpine-release": "3.19.1\n" }, "alpine", "alpine", "3.19.1"],
  [{ "etc/arch-release": "" }, "arch", "arch", ""],
  [{ "etc/os-release": 'ID="amzn"\nVERSION_ID="2023"\n' }, "amazon", "rhel", "2023"],
  [{ "etc/os-release": "ID=opensuse-leap\nVERSION_ID=15.5\n" }, "opensuse-leap", "suse", "15.5"],
  [{}, "", "", ""],
])("platform of %j is %s", (files, platform, family, version) => {
  expect(linuxPlatform(host(files))).toEqual({ platform, family, version });
});

test.each<[Record<string, string>, string, string]>([
  [{ "proc/modules": "kvm 1 0 - Live\n" }, "kvm", "host"],
  [{ "proc/modules": "hv_utils 1 0\n" }, "hyperv", "guest"],
  [{ "proc/cpuinfo": "model name : QEMU Virtual CPU version 2\n" }, "kvm", "guest"],
  [{ "proc/xen/capabilities": "control_d\n" }, "xen", "host"],
  [{ "proc/modules": "kvm 1\n", "proc/self/cgroup": "0::/docker/abc\n" }, "docker", "guest"],
  [{ ".dockerenv": "" }, "docker", "guest"],
  [{}, "", ""],
])("virtualization of %j is %s %s", (files, system, role) => {
  expect(linuxVirtualization(host(files))).toEqual({ system, role });
});

test("the loopback interface has its address with prefix and no hardware address", () => {
  const loopback = interfaces().find((found) => found.name === "lo");
  expect(loopback).toMatchObject({ mac: "", addresses: expect.arrayContaining(["127.0.0.1/8"]) });
});
