/**
 * What our agent and sensuctl (and the original's, in `test:compat`) say of each server certificate: the words that
 * operators search for (S-98, S-409 to S-413, S-416).
 */
import { selfSigned, type TestPair } from "@sensu-ts/testing";
import { serverCa, serverIntermediate } from "./materials.ts";

const HOUR_MS = 3_600_000;
const hours = (count: number) => new Date(Date.now() + count * HOUR_MS);

export interface ServerCase {
  readonly title: string;
  readonly pair: TestPair;
  /** How the client calls the server. Default: `127.0.0.1`. */
  readonly host?: "localhost";
  /** The pair's intermediate is left out. */
  readonly truncated?: true;
  readonly says: RegExp;
}

const UNKNOWN = /x509: certificate signed by unknown authority/;

export const SERVER_CASES: readonly ServerCase[] = [
  {
    title: "expired",
    pair: serverCa.issueServer({ notBefore: hours(-48), notAfter: hours(-1) }),
    says: /x509: certificate has expired or is not yet valid: current time \S+ is after \S+/,
  },
  {
    title: "not yet valid",
    pair: serverCa.issueServer({ notBefore: hours(1) }),
    says: /x509: certificate has expired or is not yet valid: current time \S+ is before \S+/,
  },
  {
    title: "for another name",
    pair: serverCa.issueServer({ san: ["b1.lab.test", "b2.lab.test"] }),
    host: "localhost",
    says: /x509: certificate is valid for b1\.lab\.test, b2\.lab\.test, not localhost/,
  },
  {
    title: "for a name, called by address",
    pair: serverCa.issueServer({ san: ["localhost"] }),
    says: /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs/,
  },
  {
    title: "for another address",
    pair: serverCa.issueServer({ san: ["10.9.0.11"] }),
    says: /x509: certificate is valid for 10\.9\.0\.11, not 127\.0\.0\.1/,
  },
  {
    title: "with a common name only",
    pair: serverCa.issueServer({ san: [] }),
    host: "localhost",
    says: /x509: certificate relies on legacy Common Name field, use SANs/,
  },
  {
    title: "for clients only",
    pair: serverCa.issueServer({ usage: "client" }),
    says: /x509: certificate specifies an incompatible key usage/,
  },
  { title: "self-signed", pair: selfSigned({ cn: "localhost", san: ["127.0.0.1"], usage: "server" }), says: UNKNOWN },
  { title: "without its intermediate", pair: serverIntermediate.issueServer(), truncated: true, says: UNKNOWN },
];
