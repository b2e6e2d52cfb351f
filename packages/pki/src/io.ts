/** What a command may touch of the process around it, so that tests can run commands in their own. */
import { failure } from "./errors.ts";

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** All of standard input. */
  input(): Promise<string>;
  env: Readonly<Record<string, string | undefined>>;
  now(): Date;
}

/** More than any certificate, key or request is. */
const MAX_INPUT = 16 * 1024 * 1024;

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += (chunk as Buffer).length;
    if (size > MAX_INPUT) throw failure("standard input is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function processIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: readInput,
    env: process.env,
    now: () => new Date(),
  };
}
