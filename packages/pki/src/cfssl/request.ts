/** The JSON description of a request, and a key with a request made from it (S-20 to S-28). */
import type { KeyObject } from "node:crypto";
import { createRequest } from "../csr.ts";
import { parseDuration } from "../duration.ts";
import { failure, PkiError } from "../errors.ts";
import { classifyHosts } from "../hosts.ts";
import { JsonReader, parseJson } from "../json.ts";
import { generateKey, type KeyRequest } from "../keys.ts";
import { emptySubject, encodeSubject, type Subject } from "../subject.ts";
import type { Log } from "./log.ts";

export interface CaSection {
  /** Milliseconds. */
  expiry: number | undefined;
  backdate: number | undefined;
  maxPathLength: number | undefined;
  /** `pathlenzero` beside a path length other than 0. */
  ignoredZero: boolean;
}

export interface Description {
  subject: Subject;
  hosts: string[];
  key: KeyRequest;
  ca: CaSection | undefined;
  crlUrl: string;
}

function span(text: string): number | undefined {
  if (text === "") return undefined;
  try {
    return parseDuration(text);
  } catch (error) {
    throw failure((error as Error).message);
  }
}

/** `CN`, `names` and `serialnumber`; every value that is not empty is added. */
export function readSubjectFields(fields: JsonReader): Subject {
  const subject = emptySubject();
  subject.commonName = fields.string("CN");
  subject.serialNumber = fields.string("serialnumber");
  const add = (list: string[], value: string): void => {
    if (value !== "") list.push(value);
  };
  for (const name of fields.objects("names")) {
    add(subject.country, name.string("C"));
    add(subject.province, name.string("ST"));
    add(subject.locality, name.string("L"));
    add(subject.organization, name.string("O"));
    add(subject.organizationalUnit, name.string("OU"));
  }
  return subject;
}

function readCa(fields: JsonReader): CaSection {
  const length = fields.number("pathlen");
  const zero = fields.boolean("pathlenzero");
  return {
    expiry: span(fields.string("expiry")),
    backdate: span(fields.string("backdate")),
    maxPathLength: length > 0 ? length : zero ? 0 : undefined,
    ignoredZero: zero && length !== 0,
  };
}

export function readDescription(text: string): Description {
  const fields = new JsonReader(parseJson(text), (message) => failure(`json: ${message}`));
  const key = fields.object("key");
  return {
    subject: readSubjectFields(fields),
    hosts: fields.strings("hosts"),
    // What is not given keeps its default, alone too, as where Go reads into a filled struct (S-24).
    key: {
      algo: key.has("algo") ? key.string("algo") : "ecdsa",
      size: key.has("size") ? key.number("size") : 256,
    },
    ca: fields.has("ca") ? readCa(fields.object("ca")) : undefined,
    crlUrl: fields.string("crl_url"),
  };
}

/** A CA needs a name (S-28). */
export function checkCaSubject(subject: Subject): void {
  const { country, province, locality, organization, organizationalUnit } = subject;
  const named = [country, province, locality, organization, organizationalUnit].some((list) => list.length > 0);
  if (subject.commonName === "" && !named) throw new PkiError(5300, "missing subject information");
}

export function describeRequest(key: KeyRequest): string {
  return key.algo === "ed25519" ? key.algo : `${key.algo}-${key.size}`;
}

export function makeKey(description: Description, log: Log): KeyObject {
  log("INFO", "generate received request");
  log("INFO", "received CSR");
  log("INFO", `generating key: ${describeRequest(description.key)}`);
  return generateKey(description.key);
}

/** A request for a leaf: PEM. */
export function makeRequest(description: Description, key: KeyObject, log: Log): string {
  const request = createRequest(encodeSubject(description.subject), classifyHosts(description.hosts), key);
  log("INFO", "encoded CSR");
  return request;
}
