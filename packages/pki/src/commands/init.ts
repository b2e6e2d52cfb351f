/** `sensu-pki init` (S-73). */
import { existsSync, renameSync } from "node:fs";
import { createCa } from "../ca.ts";
import { readCertificate } from "../cert.ts";
import { failure } from "../errors.ts";
import { DAY } from "../expiry.ts";
import { generateKey, type KeyRequest, privateKeyPem } from "../keys.ts";
import { orphans } from "../orphans.ts";
import { emptySubject } from "../subject.ts";
import { type Arguments, listOption, type PkiCommand, switchOption, textOption } from "./arguments.ts";
import {
  createDirectory,
  entryOf,
  type PkiDirectory,
  readIndex,
  recordCertificate,
  withLock,
  writeCaKey,
  writeIndex,
  writePublicFile,
} from "./directory.ts";

/** The guide's three profiles (S-15). */
const CONFIG = {
  signing: {
    default: { expiry: "17520h", usages: ["signing", "key encipherment", "client auth"] },
    profiles: {
      backend: { expiry: "4320h", usages: ["signing", "key encipherment", "server auth", "client auth"] },
      agent: { expiry: "4320h", usages: ["signing", "key encipherment", "client auth"] },
    },
  },
};

export const keyOptions = { algo: textOption, size: textOption } as const;

const DEFAULT_SIZES: Readonly<Record<string, number>> = { rsa: 2048, ecdsa: 256, ed25519: 0 };

/** `--algo` rsa, ecdsa (default) or ed25519, and `--size`. */
export function readKeyOptions(args: Arguments): KeyRequest {
  const algo = args.text("algo") ?? "ecdsa";
  return { algo, size: args.count("size") ?? DEFAULT_SIZES[algo] ?? 0 };
}

/** Renames the CA that is to be replaced, whose certificates are still out there; the new names. */
function keepAside(directory: PkiDirectory): string[] {
  const names = ["ca.pem", "ca-key.pem"].filter((name) => existsSync(directory.file(name)));
  let number = 1;
  while (["ca.pem", "ca-key.pem"].some((name) => existsSync(directory.file(`${name}.${number}`)))) number += 1;
  for (const name of names) renameSync(directory.file(name), directory.file(`${name}.${number}`));
  return names.map((name) => `${name}.${number}`);
}

export const init: PkiCommand = {
  usage: [
    "init [--cn NAME] [--org NAME] [--algo rsa|ecdsa|ed25519] [--size BITS] [--days 1825] [--passphrase-file FILE] [--force]",
  ],
  options: { ...keyOptions, cn: textOption, org: listOption, days: textOption, force: switchOption },
  run(args) {
    const { directory, io } = args;
    const passphrase = args.passphrase();
    const days = args.count("days") ?? 1825;
    createDirectory(directory);
    return withLock(directory, () => {
      for (const name of ["ca.pem", "ca-key.pem"]) {
        if (existsSync(directory.file(name)) && !args.on("force")) {
          throw failure(
            `${directory.file(name)} exists: a new CA would leave every certificate of the old one without trust (--force does it)`,
          );
        }
      }
      const key = generateKey(readKeyOptions(args));
      const subject = { ...emptySubject(), commonName: args.text("cn") ?? "Sensu CA", organization: args.texts("org") };
      const made = createCa({ subject, hosts: [], expiry: days * DAY }, key, io.now());
      const lost = orphans(directory.file("ca.pem"), made.certificate);
      const aside = keepAside(directory);
      // The CA itself comes last: where it is, everything is that it needs.
      if (!existsSync(directory.file("ca-config.json"))) {
        writePublicFile(directory.file("ca-config.json"), `${JSON.stringify(CONFIG, null, 2)}\n`);
      }
      writeCaKey(directory.file("ca-key.pem"), privateKeyPem(key, passphrase));
      writePublicFile(directory.file("ca.pem"), made.certificate);
      writePublicFile(directory.file("ca.csr"), made.request);
      const index = readIndex(directory);
      recordCertificate(index, entryOf("ca.pem", "ca", readCertificate(made.certificate)));
      writeIndex(directory, index);
      io.out(`CA ${subject.commonName} in ${directory.path}, ${days} days\n`);
      if (aside.length > 0) io.out(`the CA before it is kept as ${aside.join(" and ")}\n`);
      if (lost.length > 0) {
        io.out(`warning: the new ca.pem does not verify these certificates of the old one: ${lost.join(", ")}\n`);
      }
      io.out(`Archive ca-key.pem elsewhere and remove it here once the last certificate is issued.\n`);
      return 0;
    });
  },
};
