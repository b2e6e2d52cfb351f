/** Facts about this host that travel in the entity (W-87 to W-91). */
import { execFile } from "node:child_process";
import { arch, endianness, hostname, platform } from "node:os";
import { Network, System } from "@sensu-ts/core";
import { interfaces } from "./network.ts";
import { linuxPlatform } from "./platform.ts";
import { linuxVirtualization } from "./virtualization.ts";

export interface FactsSettings {
  readonly networks: boolean;
  readonly cloudProvider: boolean;
}

/** What does not change while the program runs. */
interface FixedFacts {
  readonly libc: string;
  readonly vm_system: string;
  readonly vm_role: string;
}

const REFRESH_MS = 20_000;
const CLOUD_AT_START_MS = 20_000;
const CLOUD_AT_REFRESH_MS = 10_000;

/** Holds the facts and reads them anew every 20 seconds. */
export class SystemFacts {
  readonly #settings: FactsSettings;
  readonly #stop = new AbortController();
  #fixed: FixedFacts = { libc: "", vm_system: "", vm_role: "" };
  #timer: NodeJS.Timeout | undefined;
  #current: System = System.create();

  constructor(settings: FactsSettings) {
    this.#settings = settings;
  }

  get current(): System {
    return this.#current;
  }

  /** Resolves when the first facts are there, within 20 seconds. */
  async start(): Promise<void> {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#refresh(CLOUD_AT_REFRESH_MS), REFRESH_MS);
    if (platform() === "linux") {
      const { system, role } = linuxVirtualization();
      this.#fixed = { libc: await libcType(), vm_system: system, vm_role: role };
    }
    await this.#refresh(CLOUD_AT_START_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  async #refresh(cloudMs: number): Promise<void> {
    let cloud_provider = "";
    if (this.#settings.cloudProvider) {
      const { cloudProvider } = await import("./cloud.ts");
      cloud_provider = await cloudProvider(AbortSignal.any([this.#stop.signal, AbortSignal.timeout(cloudMs)])).catch(
        () => "",
      );
    }
    const {
      platform: name,
      family,
      version,
    } = platform() === "linux" ? linuxPlatform() : { platform: "", family: "", version: "" };
    this.#current = System.create({
      hostname: hostname() || "unidentified-hostname",
      os: goOs(),
      arch: goArch(),
      arm_version: armVersion(),
      platform: name,
      platform_family: family,
      platform_version: version,
      libc_type: this.#fixed.libc,
      vm_system: this.#fixed.vm_system,
      vm_role: this.#fixed.vm_role,
      cloud_provider,
      network: Network.create(this.#settings.networks ? { interfaces: interfaces() } : {}),
    });
  }
}

/** Names as Go writes them. */
function goOs(): string {
  const names: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };
  return names[platform()] ?? platform();
}

function goArch(): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", mipsel: "mipsle" };
  if (arch() === "ppc64") return endianness() === "LE" ? "ppc64le" : "ppc64";
  return names[arch()] ?? arch();
}

function armVersion(): number {
  if (arch() !== "arm") return 0;
  return Number((process.config.variables as { arm_version?: string | number }).arm_version ?? 7);
}

/** A non-zero exit is fine: musl's ldd knows no `--version` but says what it is. */
function libcType(): Promise<string> {
  return new Promise((resolve) => {
    execFile("ldd", ["--version"], { timeout: 5000 }, (error, stdout, stderr) => {
      const text = `${stdout}${stderr}`.toLowerCase();
      if (error && !text.includes("libc")) resolve("");
      else if (/gnu|glibc/.test(text)) resolve("glibc");
      else resolve(text.includes("musl") ? "musl" : "");
    });
  });
}
