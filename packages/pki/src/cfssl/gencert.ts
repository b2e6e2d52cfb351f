/** `cfssl gencert`, `genkey`, `gencsr`, `selfsign` and `sign` (S-57 to S-61). */
import type { KeyObject } from "node:crypto";
import { createCa, renewCa, selfSign, signRequest } from "../ca.ts";
import { readRequest } from "../csr.ts";
import { failure, PkiError } from "../errors.ts";
import { classifyHosts } from "../hosts.ts";
import { JsonReader, parseJson } from "../json.ts";
import { privateKeyPem } from "../keys.ts";
import { toPem } from "../pem.ts";
import { defaultProfile } from "../profiles.ts";
import { readSubject, type Subject } from "../subject.ts";
import {
  type Command,
  type Context,
  chooseProfile,
  hostnames,
  hostsFlag,
  logSigned,
  printResult,
  readArgument,
  readAuthority,
  readConfigFlag,
  readKeySource,
  warnWithoutHosts,
} from "./command.ts";
import {
  checkCaSubject,
  type Description,
  makeKey,
  makeRequest,
  readDescription,
  readSubjectFields,
} from "./request.ts";

const SIGNING_FLAGS = {
  ca: "string",
  "ca-key": "string",
  config: "string",
  profile: "string",
  hostname: "string",
  loglevel: "number",
  label: "string",
  remote: "string",
} as const;

function refuseRemote({ flags }: Context): void {
  if (flags.text("remote") !== "") throw failure("-remote is not supported: this program signs with a local key");
}

function newCa(
  context: Context,
  description: Description,
  key: KeyObject,
  given: boolean,
): { cert: string; csr: string } {
  const { ca } = description;
  if (ca?.ignoredZero === true) context.log("INFO", "ignore invalid 'pathlenzero' value");
  const made = createCa(
    {
      subject: description.subject,
      hosts: description.hosts,
      expiry: ca?.expiry,
      // As in cfssl, the start of a certificate for a key that was given is not moved (S-25).
      backdate: given ? undefined : ca?.backdate,
      maxPathLength: ca?.maxPathLength,
      constraintInRequest: ca !== undefined,
      crlUrl: description.crlUrl,
    },
    key,
    context.io.now(),
  );
  context.log("INFO", "encoded CSR");
  logSigned(context.log, made.certificate);
  return { cert: made.certificate, csr: made.request };
}

async function describe(context: Context): Promise<Description> {
  const description = readDescription(await readArgument(context));
  const name = context.flags.text("cn");
  if (name !== "") description.subject.commonName = name;
  return description;
}

async function initCa(context: Context): Promise<void> {
  const { flags, io, log } = context;
  const description = await describe(context);
  if (flags.text("ca-key") !== "") {
    log("INFO", "re-generate a CA certificate from CSR and CA key");
    checkCaSubject(description.subject);
    printResult(io, newCa(context, description, readKeySource(flags.text("ca-key"), io), true));
    return;
  }
  log("INFO", "generating a new CA key and certificate from CSR");
  checkCaSubject(description.subject);
  const key = makeKey(description, log);
  printResult(io, { ...newCa(context, description, key, false), key: privateKeyPem(key) });
}

function leafDescription(description: Description): Description {
  if (description.ca !== undefined) throw failure("ca section only permitted in initca");
  return description;
}

async function leaf(context: Context): Promise<void> {
  const { flags, io, log } = context;
  const description = leafDescription(await describe(context));
  const hosts = hostnames(flags.text("hostname"));
  if (hosts !== undefined) description.hosts = hosts;
  const config = readConfigFlag(context);
  for (const [flag, what] of [
    ["ca", "certificate"],
    ["ca-key", "key"],
  ] as const) {
    if (flags.text(flag) !== "") continue;
    log("ERROR", `need a CA ${what} (provide one with -${flag})`);
    throw new SilentFailure();
  }
  const authority = readAuthority(context);
  const profile = chooseProfile(context, config);
  const key = makeKey(description, log);
  const request = makeRequest(description, key, log);
  const certificate = signRequest(
    {
      request: readRequest(request),
      profile,
      hosts: hosts && classifyHosts(hosts),
      crlUrl: flags.text("crl"),
      now: io.now(),
    },
    authority,
  );
  logSigned(log, certificate);
  if (description.hosts.length === 0) warnWithoutHosts(log);
  printResult(io, { cert: certificate, csr: request, key: privateKeyPem(key) });
}

/** The reason was logged already. */
export class SilentFailure extends Error {}

export const gencert: Command = {
  usage: [
    "cfssl gencert -initca CSRJSON",
    "cfssl gencert -initca -ca-key KEY CSRJSON",
    "cfssl gencert -renewca -ca CERT -ca-key KEY",
    "cfssl gencert -ca CERT -ca-key KEY [-config FILE] [-profile NAME] [-hostname LIST] [-cn NAME] [-crl URL] CSRJSON",
  ],
  flags: { ...SIGNING_FLAGS, initca: "boolean", renewca: "boolean", cn: "string", crl: "string" },
  async run(context) {
    refuseRemote(context);
    if (!context.flags.on("renewca")) return context.flags.on("initca") ? initCa(context) : leaf(context);
    context.log("INFO", "re-generate a CA certificate from CA cert and key");
    const { certificate } = renewCa(readAuthority(context, 2300), context.io.now());
    context.log("INFO", "encoded CSR");
    logSigned(context.log, certificate);
    printResult(context.io, { cert: certificate });
  },
};

export const genkey: Command = {
  usage: ["cfssl genkey [-initca] CSRJSON"],
  flags: { initca: "boolean", config: "string", loglevel: "number" },
  async run(context) {
    if (context.flags.on("initca")) {
      const description = await describe(context);
      checkCaSubject(description.subject);
      const key = makeKey(description, context.log);
      printResult(context.io, { ...newCa(context, description, key, false), key: privateKeyPem(key) });
      return;
    }
    const description = leafDescription(await describe(context));
    const key = makeKey(description, context.log);
    printResult(context.io, { csr: makeRequest(description, key, context.log), key: privateKeyPem(key) });
  },
};

export const gencsr: Command = {
  usage: ["cfssl gencsr -key KEY CSRJSON"],
  flags: { key: "string", cn: "string", loglevel: "number" },
  async run(context) {
    const source = context.flags.text("key");
    if (source === "") throw new PkiError(2000, "need a key (provide one with -key)");
    const description = leafDescription(await describe(context));
    printResult(context.io, { csr: makeRequest(description, readKeySource(source, context.io), context.log) });
  },
};

const SELF_SIGNED_EXPIRY = 2190 * 3_600_000;

export const selfsign: Command = {
  usage: ["cfssl selfsign [-config FILE] [-profile NAME] HOST CSRJSON"],
  flags: { config: "string", profile: "string", loglevel: "number" },
  async run(context) {
    const { io, log, flags } = context;
    const host = flags.rest.shift();
    if (host === undefined) throw failure("not enough arguments are supplied --- please refer to the usage");
    const description = leafDescription(await describe(context));
    const names = hostnames(host);
    if (names !== undefined) description.hosts = names;
    const config = readConfigFlag(context);
    const profile =
      config === undefined ? { ...defaultProfile(), expiry: SELF_SIGNED_EXPIRY } : chooseProfile(context, config);
    const key = makeKey(description, log);
    const request = makeRequest(description, key, log);
    const certificate = selfSign({ request: readRequest(request), profile, now: io.now() }, key);
    io.err(
      "*** WARNING ***\n\nNobody vouches for a self-signed certificate: use it for trials only.\n\n*** WARNING ***\n",
    );
    printResult(io, { cert: certificate, csr: request, key: privateKeyPem(key) });
  },
};

/** What the subject file leaves empty comes from the request. */
function mergeSubject(given: Subject, requested: Subject): Subject {
  const merged = { ...requested };
  if (given.commonName !== "") merged.commonName = given.commonName;
  if (given.serialNumber !== "") merged.serialNumber = given.serialNumber;
  for (const field of ["country", "province", "locality", "organization", "organizationalUnit"] as const) {
    if (given[field].length > 0) merged[field] = given[field];
  }
  return merged;
}

export const sign: Command = {
  usage: ["cfssl sign -ca CERT -ca-key KEY [-config FILE] [-profile NAME] [-hostname LIST] CSR [SUBJECT]"],
  flags: { ...SIGNING_FLAGS, csr: "string", crl: "string" },
  async run(context) {
    const { flags, io, log } = context;
    refuseRemote(context);
    if (flags.text("csr") !== "") flags.rest.unshift(flags.text("csr"));
    const request = readRequest(await readArgument(context));
    let subject: Subject | undefined;
    if (flags.rest.length > 0) {
      const fields = new JsonReader(parseJson(await readArgument(context)), (message) => failure(`json: ${message}`));
      subject = mergeSubject(readSubjectFields(fields), readSubject(request.subject));
    }
    const config = readConfigFlag(context);
    const profile = chooseProfile(context, config);
    const authority = readAuthority(context);
    const hosts = hostsFlag(flags);
    const certificate = signRequest(
      { request, profile, hosts, subject, crlUrl: flags.text("crl"), now: io.now() },
      authority,
    );
    logSigned(log, certificate);
    printResult(io, { cert: certificate, csr: toPem("CERTIFICATE REQUEST", request.der) });
  },
};
