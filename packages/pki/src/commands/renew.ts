/** `sensu-pki renew` and `renew-ca` (S-79, S-80). */
import { existsSync } from "node:fs";
import { renewCa, signRequest } from "../ca.ts";
import { type Certificate, certificatePem, readCertificate } from "../cert.ts";
import { createRequest, readRequest } from "../csr.ts";
import { failure } from "../errors.ts";
import { DAY, validityOf } from "../expiry.ts";
import { readFile } from "../files.ts";
import { generateKey, keyRequestOf, privateKeyPem, readPrivateKey, samePublicKey } from "../keys.ts";
import type { Profile } from "../profiles.ts";
import { type Arguments, type PkiCommand, readDays, switchOption, textOption, UsageError } from "./arguments.ts";
import {
  certificateFiles,
  checkName,
  entryOf,
  type Index,
  type PkiDirectory,
  readCa,
  readIndex,
  readLeaf,
  recordCertificate,
  trustedCertificates,
  withLock,
  writeCaKey,
  writeIndex,
  writePublicFile,
  writeServiceFile,
} from "./directory.ts";
import { requireProfile } from "./issue.ts";

function wantedNames(args: Arguments): string[] {
  const { directory, words, io } = args;
  const within = readDays(args.text("within"));
  if (words.length > 0) return words.map((word) => checkName(word.replace(/\.pem$/, "")));
  if (!args.on("all") && within === undefined)
    throw new UsageError("name certificates, or give --all or --within DAYS");
  return certificateFiles(directory)
    .filter((file) => file !== "ca.pem")
    .filter((file) => readLeaf(directory.file(file)).ca === undefined)
    .filter((file) => within === undefined || validityOf(readLeaf(directory.file(file)), io.now(), within) !== "valid")
    .map((file) => file.replace(/\.pem$/, ""))
    .filter((name) => {
      const renewable = existsSync(directory.file(`${name}-key.pem`));
      if (!renewable) io.err(`${name}: its host keeps the key, sign a new request of it\n`);
      return renewable;
    });
}

/** Of the index, else the one whose usages the certificate shows. */
function profileNameOf(index: Index, certificate: Certificate): string {
  const serial = certificate.serial.toString("hex");
  const known = index.certificates.find((entry) => entry.serial === serial)?.profile;
  return known ?? (certificate.extendedKeyUsages.includes("1.3.6.1.5.5.7.3.1") ? "backend" : "agent");
}

function renewOne(args: Arguments, name: string, index: Index, authority: ReturnType<typeof readCa>): void {
  const { directory, io } = args;
  const file = directory.file(`${name}.pem`);
  const keyFile = directory.file(`${name}-key.pem`);
  if (!existsSync(file)) throw failure(`open ${file}: no such file or directory`);
  const old = readLeaf(file);
  const profileName = profileNameOf(index, old);
  const base = requireProfile(directory, profileName, args.count("days"));
  // It lasts as long as it did, unless --days says otherwise.
  const span = old.notAfter.getTime() - old.notBefore.getTime();
  const profile: Profile = args.count("days") === undefined ? { ...base, expiry: span } : base;
  const oldKeyPem = existsSync(keyFile) ? readFile(keyFile) : undefined;
  if (oldKeyPem === undefined) throw failure(`${keyFile} is not there: sign a new request of the host instead`);
  const oldKey = readPrivateKey(oldKeyPem);
  if (!args.on("rekey") && !samePublicKey(oldKey, old.publicKey)) {
    throw failure(`${keyFile} does not belong to ${file}: --rekey makes a new key`);
  }
  const key = args.on("rekey") ? generateKey(keyRequestOf(oldKey)) : oldKey;
  const request = createRequest(old.subject, old.hosts, key);
  const pem = signRequest({ request: readRequest(request), profile, now: io.now() }, authority);
  writeServiceFile(`${file}.1`, readFile(file));
  writeServiceFile(`${keyFile}.1`, oldKeyPem);
  if (args.on("rekey")) writeServiceFile(keyFile, privateKeyPem(key));
  writeServiceFile(file, pem);
  const certificate = readCertificate(pem);
  recordCertificate(index, entryOf(`${name}.pem`, profileName, certificate));
  // After each one, so that a failure of the next loses nothing.
  writeIndex(directory, index);
  io.out(`${file}: until ${certificate.notAfter.toISOString()}\n`);
}

export const renew: PkiCommand = {
  usage: ["renew NAME... [--rekey] [--days N]", "renew --all | --within 30d [--rekey] [--days N]"],
  options: { all: switchOption, within: textOption, rekey: switchOption, days: textOption },
  run(args) {
    const names = wantedNames(args);
    const passphrase = args.passphrase();
    if (names.length === 0) {
      args.io.out("nothing to renew\n");
      return 0;
    }
    return withLock(args.directory, () => {
      const authority = readCa(args.directory, passphrase);
      const index = readIndex(args.directory);
      for (const name of names) renewOne(args, name, index, authority);
      return 0;
    });
  },
};

/** New first: readers that take only one take the new one. */
function writeBundle(directory: PkiDirectory, next: string, now: Date): void {
  const newest = readCertificate(next);
  const others = trustedCertificates(directory).filter((one) => one.notAfter > now && !one.der.equals(newest.der));
  const unique = [...new Map(others.map((one) => [one.der.toString("hex"), one])).values()];
  writePublicFile(directory.file("ca-bundle.pem"), [next, ...unique.map(certificatePem)].join(""));
}

export const renewCaCommand: PkiCommand = {
  usage: ["renew-ca [--rekey] [--days N]"],
  options: { rekey: switchOption, days: textOption },
  run(args) {
    const { directory, io } = args;
    const passphrase = args.passphrase();
    const days = args.count("days");
    return withLock(directory, () => {
      const authority = readCa(directory, passphrase);
      const rekey = args.on("rekey");
      const key = rekey ? generateKey(keyRequestOf(authority.key)) : authority.key;
      const made = renewCa({ ...authority, key }, io.now(), days === undefined ? undefined : days * DAY);
      writeBundle(directory, made.certificate, io.now());
      writePublicFile(directory.file("ca.pem.1"), readFile(directory.file("ca.pem")));
      if (rekey) {
        writeCaKey(directory.file("ca-key.pem.1"), readFile(directory.file("ca-key.pem")));
        writeCaKey(directory.file("ca-key.pem"), privateKeyPem(key, passphrase));
      }
      writePublicFile(directory.file("ca.pem"), made.certificate);
      writePublicFile(directory.file("ca.csr"), made.request);
      const index = readIndex(directory);
      recordCertificate(index, entryOf("ca.pem", "ca", readCertificate(made.certificate)));
      writeIndex(directory, index);
      io.out(`${directory.file("ca.pem")}: until ${readCertificate(made.certificate).notAfter.toISOString()}\n`);
      io.out(
        `${directory.file("ca-bundle.pem")}: the new and the old CA certificate, for trusted-ca-file during the overlap\n`,
      );
      if (rekey) {
        io.out(
          "First give ca-bundle.pem to every host, then run sensu-pki renew --all and put the new pairs in place,\n",
        );
        io.out("then give ca.pem to every host and remove ca-bundle.pem.\n");
      } else
        io.out("Certificates that the CA issued stay valid. Where ca.pem is in a trust store, refresh that store.\n");
      return 0;
    });
  },
};
