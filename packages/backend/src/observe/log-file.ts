/** A file that lines are appended to, and that is opened anew when it was rotated away (B-541, B-550). */
import { constants, type FileHandle, open, stat } from "node:fs/promises";

const APPEND = constants.O_WRONLY | constants.O_APPEND;

export class LogFile {
  readonly path: string;
  readonly #mode: number;
  #handle: FileHandle | undefined;
  /** Writes and swaps of the handle, one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, mode = 0o644) {
    this.path = path;
    this.#mode = mode;
  }

  /** Throws when the file cannot be opened; the one that was open then stays so. */
  async open(): Promise<void> {
    const handle = await openAppend(this.path, this.#mode);
    await this.#inTurn(async () => {
      const old = this.#handle;
      this.#handle = handle;
      await old?.close();
    });
  }

  write(bytes: Uint8Array | string): Promise<void> {
    return this.#inTurn(async () => void (await this.#handle?.appendFile(bytes)));
  }

  /** To the disk; pipes and devices have none. */
  sync(): Promise<void> {
    return this.#inTurn(async () => {
      if ((await this.#handle?.stat())?.isFile()) await this.#handle?.datasync();
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      const handle = this.#handle;
      this.#handle = undefined;
      await handle?.close();
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** A pipe is opened for both ends: that never waits for a reader, and outlives one. */
async function openAppendTo(path: string): Promise<FileHandle> {
  const isPipe = (await stat(path)).isFIFO();
  return open(path, isPipe ? constants.O_RDWR : APPEND);
}

/** The process's umask hides new files from others; readers of logs are others. */
async function openAppend(path: string, mode: number): Promise<FileHandle> {
  try {
    const handle = await open(path, APPEND | constants.O_CREAT | constants.O_EXCL, mode);
    await handle.chmod(mode);
    return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return openAppendTo(path);
  }
}
