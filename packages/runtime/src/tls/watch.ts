/**
 * Files watched by polling (S-161). Notifications would be of no use: certbot and Kubernetes swap links, and a watch on
 * a link or on its old target never fires.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { MAX_FILE_BYTES } from "./files.ts";

const POLL_MS = 10_000;

export interface FileWatchOptions {
  /** Asked anew at each look. */
  readonly files: () => readonly string[];
  /** Content changed. False (or a rejection): not usable yet, asked again at each look until it is. */
  readonly changed: () => boolean | Promise<boolean>;
  readonly pollMs?: number | undefined;
}

interface Seen {
  /** Device, inode, size, times of change: when these stand, the content stands. */
  readonly identity: string;
  readonly content: string;
}

export class FileWatch {
  readonly #options: FileWatchOptions;
  #seen = new Map<string, Seen>();
  #pending = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Remembers the present state. Load the files after it resolves: a change between the two then counts as one. */
  async start(): Promise<void> {
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.look().catch(() => undefined), this.#options.pollMs ?? POLL_MS).unref();
    this.#seen = await this.#read();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking?.catch(() => undefined);
  }

  /** Looks now. Calls that overlap share one look. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const now = await this.#read();
    if (this.#pending || differ(this.#seen, now)) {
      this.#seen = now;
      this.#pending = true;
      this.#pending = !(await this.#options.changed());
    } else this.#seen = now;
  }

  async #read(): Promise<Map<string, Seen>> {
    const found = new Map<string, Seen>();
    for (const file of new Set(this.#options.files())) found.set(file, await see(file, this.#seen.get(file)));
    return found;
  }
}

async function see(file: string, before: Seen | undefined): Promise<Seen> {
  try {
    // Of what all links lead to.
    const found = await stat(file, { bigint: true });
    const identity = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
    if (before?.identity === identity) return before;
    // A pipe can be read once, by whoever loads it.
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return { identity, content: identity };
    return {
      identity,
      content: createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    };
  } catch (error) {
    return { identity: "", content: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
}

function differ(before: ReadonlyMap<string, Seen>, now: ReadonlyMap<string, Seen>): boolean {
  if (before.size !== now.size) return true;
  for (const [file, seen] of now) if (before.get(file)?.content !== seen.content) return true;
  return false;
}
