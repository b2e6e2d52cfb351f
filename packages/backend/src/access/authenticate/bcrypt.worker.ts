/** Thread that computes bcrypt, which would hold up the event loop for tens of milliseconds a password. */
import { parentPort } from "node:worker_threads";
import { compareSync, genSaltSync, hashSync } from "bcryptjs";

export interface BcryptJob {
  readonly id: number;
  readonly password: string;
  /** Compare with this; absent: make a new hash. */
  readonly hash?: string;
}

export interface BcryptAnswer {
  readonly id: number;
  readonly value: boolean | string;
}

/** Cost and version mark of the original's hashes (S-190). */
const newSalt = () => genSaltSync(10).replace(/^\$2b\$/, "$2a$");

parentPort?.on("message", ({ id, password, hash }: BcryptJob) => {
  let value: boolean | string;
  try {
    value = hash === undefined ? hashSync(password, newSalt()) : compareSync(password, hash);
  } catch {
    value = false;
  }
  parentPort?.postMessage({ id, value } satisfies BcryptAnswer);
});
