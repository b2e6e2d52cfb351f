/** Somebody at a prompt: lines are typed one after the other, folder and variables last, each answer is seen. */
import { type ChildProcess, spawn } from "node:child_process";

export interface Typed {
  /** Status of the first command that failed, else 0. */
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

const END = "--- end of answer ---";

export class Shell implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #texts = { out: "", err: "" };
  #wake = (): void => {};
  #ended = false;

  constructor(command: readonly string[]) {
    const [file = "", ...words] = command;
    this.#child = spawn(file, words, { stdio: ["pipe", "pipe", "pipe"] });
    for (const [stream, name] of [
      [this.#child.stdout, "out"],
      [this.#child.stderr, "err"],
    ] as const) {
      stream?.setEncoding("utf8").on("data", (text) => {
        this.#texts[name] += text;
        this.#wake();
      });
    }
    this.#child.stdin?.on("error", () => {});
    this.#child.once("close", () => {
      this.#ended = true;
      this.#wake();
    });
    this.#child.stdin?.write(`set -o pipefail; trap 'FAILED=\${FAILED:-$?}' ERR\n`);
  }

  /** Commands see an empty input, as the next line is not theirs to read. */
  async type(lines: string): Promise<Typed> {
    this.#texts.out = "";
    this.#texts.err = "";
    const quoted = `'${lines.replaceAll("'", `'\\''`)}'`;
    this.#child.stdin?.write(
      `FAILED=; eval ${quoted} </dev/null; printf '%s%s\\n' "\${FAILED:-0}" '${END}'; echo '${END}' >&2\n`,
    );
    const over = (): boolean =>
      this.#ended || (this.#texts.out.endsWith(`${END}\n`) && this.#texts.err.endsWith(`${END}\n`));
    while (!over()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const { out, err } = this.#texts;
    if (this.#ended) throw new Error(`the shell ended at:\n${lines}\n${out}${err}`);
    const tail = /(\d+)--- end of answer ---\n$/.exec(out);
    return {
      status: Number(tail?.[1] ?? 1),
      out: out.slice(0, tail?.index),
      err: err.slice(0, -END.length - 1),
    };
  }

  /** Standard output of lines that must succeed. */
  async done(lines: string): Promise<string> {
    const { status, out, err } = await this.type(lines);
    if (status !== 0) throw new Error(`status ${status} of:\n${lines}\n${out}${err}`);
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end("exit\n");
    if (this.#ended) return;
    await new Promise((resolve) => this.#child.once("close", resolve));
  }
}
