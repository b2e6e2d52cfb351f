/** `sensu-pki revoke` and `crl` (S-81, S-82). */
import { existsSync } from "node:fs";
import type { Authority } from "../ca.ts";
import { isIssuedBy } from "../cert.ts";
import { createCrl, REASONS, type Reason } from "../crl.ts";
import { failure } from "../errors.ts";
import { DAY } from "../expiry.ts";
import { toPem } from "../pem.ts";
import { type Arguments, type PkiCommand, textOption, UsageError } from "./arguments.ts";
import {
  entryOf,
  type Index,
  type IndexEntry,
  type PkiDirectory,
  readCa,
  readIndex,
  readLeaf,
  trustedCertificates,
  withLock,
  writeIndex,
  writePublicFile,
} from "./directory.ts";

/** Signs the list of all revoked certificates that have not run out, with the next number. */
function publish(directory: PkiDirectory, index: Index, authority: Authority, now: Date, days: number): void {
  const revoked = index.certificates
    .filter((entry) => entry.status === "revoked" && Date.parse(entry.notAfter) > now.getTime())
    .map((entry) => ({
      serial: Buffer.from(entry.serial, "hex"),
      at: new Date(entry.revokedAt ?? now),
      reason: entry.reason ?? "unspecified",
    }));
  index.crlNumber += 1;
  const until = new Date(now.getTime() + days * DAY);
  const der = createCrl(authority.certificate, authority.key, revoked, now, until, index.crlNumber);
  // The index first: a number is never used for two lists.
  writeIndex(directory, index);
  writePublicFile(directory.file("ca.crl"), der);
  writePublicFile(directory.file("ca.crl.pem"), toPem("X509 CRL", der));
}

/**
 * What the word means: a serial number in hex is one certificate, a file its certificate, a name the present
 * certificate and every older one of it that is still valid, since they may share the key.
 */
function targets({ directory, io }: Arguments, word: string, index: Index, authority: Authority): IndexEntry[] {
  const serial = word
    .toLowerCase()
    .replace(/:/g, "")
    .replace(/^(?:0x)?0*/, "");
  const bySerial = index.certificates.filter((entry) => entry.serial.replace(/^0+/, "") === serial);
  if (bySerial.length > 0) return bySerial;
  const name = word.replace(/\.pem$/, "");
  const own = !word.includes("/") && existsSync(directory.file(`${name}.pem`));
  const file = own ? directory.file(`${name}.pem`) : word;
  if (!existsSync(file)) {
    const known = index.certificates.filter(
      (entry) => entry.file === `${name}.pem` && Date.parse(entry.notAfter) > io.now().getTime(),
    );
    if (known.length > 0) return known;
    throw failure(
      `there is no certificate ${JSON.stringify(word)}: give a name, a file or a serial number of the list`,
    );
  }
  const certificate = readLeaf(file);
  // While two keys of one CA overlap, the list of the new one also names certificates of the old one.
  const issuers = [authority.certificate, ...trustedCertificates(directory)];
  const ours = issuers.some((one) => one.subject.equals(authority.certificate.subject) && isIssuedBy(certificate, one));
  if (!ours) throw failure(`${file} was not issued by this CA`);
  const hex = certificate.serial.toString("hex");
  let entry = index.certificates.find((one) => one.serial === hex);
  if (entry === undefined) {
    entry = entryOf(`${name.split("/").at(-1)}.pem`, "", certificate);
    index.certificates.push(entry);
  }
  if (!own) return [entry];
  const present = entry;
  const older = index.certificates.filter(
    (one) => one !== present && one.file === `${name}.pem` && Date.parse(one.notAfter) > io.now().getTime(),
  );
  return [present, ...older];
}

export const revoke: PkiCommand = {
  usage: [`revoke NAME|SERIAL|FILE [--reason ${Object.keys(REASONS).join("|")}] [--days 30]`],
  options: { reason: textOption, days: textOption },
  run(args) {
    const { directory, io } = args;
    const [word, ...extra] = args.words;
    if (word === undefined || extra.length > 0) throw new UsageError("one name, serial number or file is needed");
    const reason = args.text("reason") ?? "unspecified";
    if (!Object.hasOwn(REASONS, reason)) throw new UsageError(`--reason is one of ${Object.keys(REASONS).join(", ")}`);
    const passphrase = args.passphrase();
    return withLock(directory, () => {
      const authority = readCa(directory, passphrase);
      const index = readIndex(directory);
      const now = io.now();
      for (const entry of targets(args, word, index, authority)) {
        if (entry.profile === "ca") throw failure("the CA itself is not revoked: make a new one");
        if (entry.status === "revoked") continue;
        Object.assign(entry, { status: "revoked", revokedAt: now.toISOString(), reason: reason as Reason });
        io.out(`revoked ${entry.serial} (${entry.subject})\n`);
      }
      publish(directory, index, authority, now, args.count("days") ?? 30);
      io.out(`publish ${directory.file("ca.crl")} where agent-auth-crl-urls points to\n`);
      return 0;
    });
  },
};

export const crl: PkiCommand = {
  usage: ["crl [--days 30]"],
  options: { days: textOption },
  run(args) {
    const { directory, io } = args;
    const passphrase = args.passphrase();
    return withLock(directory, () => {
      const index = readIndex(directory);
      const days = args.count("days") ?? 30;
      publish(directory, index, readCa(directory, passphrase), io.now(), days);
      io.out(`${directory.file("ca.crl")}: number ${index.crlNumber}, ${days} days\n`);
      return 0;
    });
  },
};
