/** Files and standard input, read whole. */
import { fstatSync, readFileSync, statSync } from "node:fs";
import { Failure, fileFailure } from "../frame/failure.ts";

const STDIN = 0;

/** As a stream: the descriptor need not block, and then a pipe that is still empty would be an error. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The file, or standard input when there is none; a terminal or an empty file there is an error (C-110). */
export async function readInput(file: string): Promise<string> {
  if (file === "") {
    const status = fstatSync(STDIN);
    if (status.size === 0 && !status.isFIFO() && !status.isSocket()) throw new Failure("empty stdin");
    return readStdin();
  }
  try {
    if (statSync(file).isDirectory()) throw new Failure("directories not supported yet");
    return readFileSync(file, "utf8");
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("open", file, error);
  }
}
