/** `sensu-pki jwt-keys` (S-85, S-241). */
import { createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { failure } from "../errors.ts";
import { generateKey, privateKeyPem } from "../keys.ts";
import { type PkiCommand, switchOption, textOption, UsageError } from "./arguments.ts";
import { createDirectory, withLock, writePublicFile, writeServiceFile } from "./directory.ts";

const CURVES: Readonly<Record<string, number>> = { p256: 256, p384: 384, p521: 521 };

export const jwtKeys: PkiCommand = {
  usage: ["jwt-keys [--curve p256|p384|p521] [--force]"],
  options: { curve: textOption, force: switchOption },
  run(args) {
    const { directory, io } = args;
    const size = CURVES[args.text("curve") ?? "p256"];
    if (size === undefined) throw new UsageError(`--curve is one of ${Object.keys(CURVES).join(", ")}`);
    createDirectory(directory);
    return withLock(directory, () => {
      const files = [directory.file("jwt-private-key.pem"), directory.file("jwt-public-key.pem")] as const;
      const there = files.find((file) => existsSync(file));
      if (there !== undefined && !args.on("force")) {
        throw failure(`${there} exists: new keys end every session that the old ones signed (--force does it)`);
      }
      const key = generateKey({ algo: "ecdsa", size });
      writeServiceFile(files[0], privateKeyPem(key));
      writePublicFile(files[1], String(createPublicKey(key).export({ type: "spki", format: "pem" })));
      io.out(`jwt-private-key-file: ${files[0]}\njwt-public-key-file: ${files[1]}\n`);
      io.out("Every backend of every federated cluster needs this same pair.\n");
      return 0;
    });
  },
};
