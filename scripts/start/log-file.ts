/** What a program says, in a file that stays small: at the limit it becomes `.1`, in place of the one before. */
import { appendFileSync, renameSync, statSync } from "node:fs";

const LIMIT_BYTES = 10_000_000;
const LINE_END = 0x0a;

function tell(text: string): void {
  process.stderr.write(text);
}

export class LogFile {
  readonly #file: string;
  readonly #limit: number;
  readonly #tell: (text: string) => void;
  #told = "";

  constructor(file: string, { limit = LIMIT_BYTES, tellUser = tell } = {}) {
    this.#file = file;
    this.#limit = limit;
    this.#tell = tellUser;
  }

  /** Never throws: a full disk must not end the programs whose lines these are. */
  write(chunk: Buffer): void {
    // Looked up each time: the user may have emptied or removed it.
    const size = this.#try(() => statSync(this.#file, { throwIfNoEntry: false })?.size) ?? 0;
    if (size === 0 || size + chunk.length <= this.#limit) {
      this.#append(chunk);
      return;
    }
    // The line that the last chunk began ends in the old file.
    const lineEnd = chunk.indexOf(LINE_END) + 1;
    this.#append(chunk.subarray(0, lineEnd));
    this.#try(() => renameSync(this.#file, `${this.#file}.1`));
    this.#append(chunk.subarray(lineEnd));
  }

  #append(chunk: Buffer): void {
    this.#try(() => appendFileSync(this.#file, chunk, { mode: 0o600 }));
  }

  /** The same failure is told once. */
  #try<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const text = `log ${this.#file}: ${(error as Error).message}: make room or mend the folder\n`;
      if (text !== this.#told) this.#tell(text);
      this.#told = text;
      return undefined;
    }
  }
}
