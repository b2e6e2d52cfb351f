import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** Undefined when the port can be used, else who has it, as far as this user may see. */
export async function portHolder(host: string, port: number): Promise<string | undefined> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
  return free ? undefined : (processListeningOn(port) ?? "another program (of a user whose processes you may not see)");
}

/** Reads the kernel's socket tables: `name (pid N)` of the process that listens on the port. */
function processListeningOn(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(table, "utf8");
    } catch {
      continue;
    }
    for (const line of text.split("\n").slice(1)) {
      const words = line.trim().split(/\s+/);
      const LISTEN = "0A";
      if (words[1]?.endsWith(`:${hex}`) && words[3] === LISTEN && words[9]) inodes.add(`socket:[${words[9]}]`);
    }
  }
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (!inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) continue;
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return `${command.slice(0, 80)} (pid ${pid})`;
      }
    } catch {
      // The process ended meanwhile, or belongs to someone else.
    }
  }
  return undefined;
}
