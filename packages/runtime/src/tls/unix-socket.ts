/** Listeners that only programs of this host reach, by a file whose owner and group may use it. */
import { existsSync, lstatSync, rmSync } from "node:fs";
import net, { type Server } from "node:net";
import path from "node:path";
import { SensuError } from "@sensu-ts/core";

/** What the system's address of a Unix socket holds, without its final zero. */
const MAX_PATH_BYTES = 107;
const OWNER_AND_GROUP_ONLY = 0o117;

/** Takes the place of a socket that nobody listens on any more; of nothing else. */
export async function listenOnSocket(server: Server, file: string): Promise<void> {
  const refused = (why: string, cause?: unknown) =>
    new SensuError("unavailable", `listen unix ${file}: ${why}`, { cause });
  if (Buffer.byteLength(file) > MAX_PATH_BYTES) throw refused(`bind: the path has more than ${MAX_PATH_BYTES} bytes`);
  // The system calls it a lack of permission.
  if (!existsSync(path.dirname(file))) throw refused("bind: no such file or directory");
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found && !found.isSocket()) throw refused("bind: there is a file of that name that is no socket");
  if (found) {
    if (await isAnswered(file)) throw refused("bind: address already in use");
    rmSync(file, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => reject(refused(error.message, error));
    server.once("error", failed);
    // The file exists, with its mode, when `listen` returns.
    const umask = process.umask(OWNER_AND_GROUP_ONLY);
    try {
      server.listen(file, () => {
        server.off("error", failed);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

function isAnswered(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
