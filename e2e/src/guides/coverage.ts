/**
 * Rows of the checklist of the four security guides that have no test yet, each with what it waits for. Tests of the
 * others bear their ids, here, in ../long/guides and elsewhere. Several rows name an etcd store or three backends besides
 * what can be tried on one: their tests cover the one backend with its built-in store, and are to be read again then.
 */

/** How many rows each guide has, from 01 on. */
export const ROWS = { "SD-000": 87, "SD-001": 54, "SD-002": 45, "SD-003": 68 } as const;

const PEERS = "etcd store and several backends";
const SECRETS = "secrets providers";

export const WAITING: Readonly<Record<string, string>> = {
  "SD-000-01": PEERS,
  "SD-000-04": SECRETS,
  "SD-000-29": PEERS,
  "SD-000-30": PEERS,
  "SD-000-78": PEERS,
  "SD-000-80": PEERS,
  "SD-001-09": PEERS,
  "SD-001-10": PEERS,
  "SD-001-12": PEERS,
  "SD-001-39": SECRETS,
  "SD-002-45": SECRETS,
  "SD-003-16": SECRETS,
  /** Its name and the certificate: ../tls/two-backends. */
  "SD-003-41": PEERS,
  "SD-003-43": PEERS,
  "SD-003-44": PEERS,
  /** Agents go over to the others: ../long/share-of-agents. */
  "SD-003-65": PEERS,
  "SD-003-66": PEERS,
  "SD-003-68": PEERS,
};

/** Background of a page: nothing to build, nothing to test. */
export const BACKGROUND: readonly string[] = ["SD-003-01", "SD-003-30"];
