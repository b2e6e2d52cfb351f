/** `sensu-pki issue backend`, `issue agent` and `sign` (S-74 to S-76). */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { signRequest } from "../ca.ts";
import { readCertificate } from "../cert.ts";
import { createRequest, readRequest } from "../csr.ts";
import { failure } from "../errors.ts";
import { DAY } from "../expiry.ts";
import { readBytes } from "../files.ts";
import { classifyHosts, type Hosts, listHosts, noHosts } from "../hosts.ts";
import { generateKey, privateKeyPem } from "../keys.ts";
import { guideKeyName } from "../pair.ts";
import { findProfile, type Profile } from "../profiles.ts";
import { emptySubject, encodeSubject, readSubject } from "../subject.ts";
import { type Arguments, listOption, type PkiCommand, switchOption, textOption, UsageError } from "./arguments.ts";
import {
  checkName,
  entryOf,
  type PkiDirectory,
  readCa,
  readIndex,
  readProfiles,
  recordCertificate,
  withLock,
  writeIndex,
  writePublicFile,
  writeServiceFile,
} from "./directory.ts";
import { keyOptions, readKeyOptions } from "./init.ts";

/** A profile by its name; an unknown one is refused (S-32). */
export function requireProfile(directory: PkiDirectory, name: string, days: number | undefined): Profile {
  const config = readProfiles(directory);
  const profile = findProfile(config, name);
  if (profile === undefined) {
    throw failure(
      `there is no profile ${JSON.stringify(name)} in ${directory.file("ca-config.json")}: ${[...config.profiles.keys()].join(", ")}`,
    );
  }
  return days === undefined ? profile : { ...profile, expiry: days * DAY };
}

/** This machine's full name. */
function hostName(): string {
  try {
    return (
      execFileSync("hostname", ["-f"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() ||
      os.hostname()
    );
  } catch {
    return os.hostname();
  }
}

function hostAddresses(): string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((address) => !address.internal && !address.address.startsWith("fe80:"))
    .map((address) => address.address);
}

/** The CN is always among the names (S-13, S-74). */
function backendHosts(args: Arguments, name: string, fromHost: boolean): Hosts {
  const [short = name] = name.split(".");
  const local = args.on("no-localhost") ? [] : ["localhost", "127.0.0.1", "::1"];
  // A name of digits and dots is an address and has no short form.
  const names = /^[\d.]+$/.test(name) ? [name] : [name, short];
  return classifyHosts([...new Set([...names, ...local, ...(fromHost ? hostAddresses() : []), ...args.texts("san")])]);
}

/** The guide's tables spell the key `b1-key.acme.example.pem` (S-12). */
function linkGuideName(directory: PkiDirectory, name: string): void {
  const spelled = guideKeyName(name);
  if (spelled === undefined) return;
  const link = directory.file(spelled);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link);
  symlinkSync(`${name}-key.pem`, link);
}

interface Order {
  name: string;
  commonName: string;
  hosts: Hosts;
  profileName: string;
}

function issuePair(args: Arguments, order: Order): void {
  const { directory, io } = args;
  const { name, hosts, profileName } = order;
  const passphrase = args.passphrase();
  withLock(directory, () => {
    const authority = readCa(directory, passphrase);
    const profile = requireProfile(directory, profileName, args.count("days"));
    for (const file of [`${name}.pem`, `${name}-key.pem`]) {
      if (existsSync(directory.file(file)) && !args.on("force")) {
        throw failure(`${directory.file(file)} exists: sensu-pki renew ${name} renews it, --force replaces it`);
      }
    }
    const key = generateKey(readKeyOptions(args));
    const subject = { ...emptySubject(), commonName: order.commonName };
    const request = createRequest(encodeSubject(subject), hosts, key);
    const pem = signRequest({ request: readRequest(request), profile, now: io.now() }, authority);
    writeServiceFile(directory.file(`${name}-key.pem`), privateKeyPem(key));
    writeServiceFile(directory.file(`${name}.pem`), pem);
    writePublicFile(directory.file(`${name}.csr`), request);
    const index = readIndex(directory);
    const certificate = readCertificate(pem);
    recordCertificate(index, entryOf(`${name}.pem`, profileName, certificate));
    writeIndex(directory, index);
    if (args.on("guide-names")) linkGuideName(directory, name);
    io.out(`${directory.file(`${name}.pem`)}: until ${certificate.notAfter.toISOString()}`);
    io.out(`${listHosts(hosts).length > 0 ? `, for ${listHosts(hosts).join(", ")}` : ""}\n`);
  });
}

export const issue: PkiCommand = {
  usage: [
    "issue backend [NAME] [--san NAME,...] [--days 180] [--profile backend] [--no-localhost] [--guide-names]",
    "issue agent [NAME] [--user NAME] [--days 180] [--profile agent]",
  ],
  options: {
    ...keyOptions,
    san: listOption,
    days: textOption,
    profile: textOption,
    user: textOption,
    "no-localhost": switchOption,
    "guide-names": switchOption,
    force: switchOption,
  },
  run(args) {
    const [kind, given, ...extra] = args.words;
    if (extra.length > 0) throw new UsageError(`one name is enough: ${extra.join(" ")}`);
    if (kind === "backend") {
      if (args.text("user") !== undefined) throw new UsageError("--user belongs to issue agent");
      const name = checkName(given ?? hostName());
      const hosts = backendHosts(args, name, given === undefined);
      issuePair(args, { name, commonName: name, hosts, profileName: args.text("profile") ?? "backend" });
      return 0;
    }
    if (kind !== "agent") throw new UsageError("issue backend or issue agent");
    if (args.texts("san").length > 0) throw new UsageError("an agent's certificate has no names besides its CN");
    const name = checkName(given ?? "agent");
    const commonName = args.text("user") ?? name;
    issuePair(args, { name, commonName, hosts: noHosts(), profileName: args.text("profile") ?? "agent" });
    args.io.out(
      `An agent with it is the Sensu user ${JSON.stringify(commonName)}: bind roles to subject User ${commonName}.\n`,
    );
    return 0;
  },
};

export const sign: PkiCommand = {
  usage: ["sign FILE.csr --profile NAME [--san NAME,...] [--days N] [--force]"],
  options: { profile: textOption, san: listOption, days: textOption, force: switchOption },
  run(args) {
    const { directory, io } = args;
    const [file, ...extra] = args.words;
    if (file === undefined || extra.length > 0) throw new UsageError("one request file is needed");
    const profileName = args.text("profile");
    if (profileName === undefined) throw new UsageError("--profile is needed");
    const passphrase = args.passphrase();
    const request = readRequest(readBytes(file));
    const name = checkName(path.basename(file).replace(/\.csr$/, ""));
    return withLock(directory, () => {
      const authority = readCa(directory, passphrase);
      const profile = requireProfile(directory, profileName, args.count("days"));
      const target = directory.file(`${name}.pem`);
      if (existsSync(target) && !args.on("force")) throw failure(`${target} exists (--force replaces it)`);
      const { commonName } = readSubject(request.subject);
      const names =
        args.texts("san").length > 0 ? args.texts("san") : listHosts(request.hosts).filter((one) => one !== "");
      // A server is known by its SANs only, so its CN has to be one.
      const server = profile.usages.includes("server auth");
      const hosts = classifyHosts([...new Set([...(server && commonName !== "" ? [commonName] : []), ...names])]);
      const pem = signRequest({ request, profile, hosts, now: io.now() }, authority);
      writePublicFile(target, pem);
      const index = readIndex(directory);
      recordCertificate(index, entryOf(`${name}.pem`, profileName, readCertificate(pem)));
      writeIndex(directory, index);
      io.out(`${target}: ${commonName}, profile ${profileName}\n`);
      return 0;
    });
  },
};
