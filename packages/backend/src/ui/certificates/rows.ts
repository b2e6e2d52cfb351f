/** Rows of the certificate view (U-319 to U-325). */
import type { KnownCertificate, KnownCrl, MeasuredCertificate, UiCertificates } from "../ports.ts";
import type { CertificateRole, CertificateRow, CertificatesAnswer } from "../wire.ts";
import { certificatesIn, factsOf, keyBits, type Parsed, parse } from "./parsed.ts";
import { certificateProblems, crlProblems, measuredProblems } from "./problems.ts";

/** Rows are made of the certificates that end first; the rest is counted. */
const MAX_ROWS = 1000;

/** `now` in milliseconds; `visible` says what this caller may see. */
export async function certificateRows(
  source: UiCertificates,
  measured: readonly MeasuredCertificate[],
  visible: (known: { readonly role: CertificateRole; readonly namespace?: string }) => boolean,
  now: number,
): Promise<CertificatesAnswer> {
  const all = await source.certificates();
  const authorities = all.filter(({ role }) => role === "ca").flatMap(({ chain }) => chain);
  const holders = holdersOf(all);
  const ofChecks = measured.map((one) => ({ ...one, role: "check" as const }));
  const seen = [...all, ...ofChecks].filter(visible).sort((a, b) => a.notAfter - b.notAfter);
  const rows = seen.slice(0, MAX_ROWS).map((known) => {
    if (known.role === "check") return measuredRow(known, source.backend, now);
    const parsed = parse(known);
    const problems = certificateProblems(parsed, { authorities, holders, now });
    return { ...rowOf(parsed), backend: source.backend, cluster: "", problems };
  });
  const crls = visible({ role: "crl" }) ? source.crls().map((crl) => crlRow(crl, source.backend, now)) : [];
  return {
    rows: [...rows, ...crls],
    left_out: Math.max(0, seen.length - MAX_ROWS),
    reminder_seconds: seconds(source.reminderMs()),
  };
}

/** Agents that show the same certificate, by its fingerprint. */
function holdersOf(all: readonly KnownCertificate[]): ReadonlyMap<string, ReadonlySet<string>> {
  const holders = new Map<string, Set<string>>();
  for (const { role, fingerprint, namespace, entity } of all) {
    if (role !== "agent") continue;
    const names = holders.get(fingerprint) ?? new Set();
    holders.set(fingerprint, names.add(`${namespace}/${entity}`));
  }
  return holders;
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

function rowOf({ known, leaf, chain }: Parsed): Omit<CertificateRow, "backend" | "cluster" | "problems"> {
  const { asymmetricKeyType: type = "", asymmetricKeyDetails: details } = leaf.publicKey;
  const facts = factsOf(leaf);
  const disk = known.onDisk === undefined ? undefined : certificatesIn(known.onDisk)[0];
  return {
    role: known.role,
    option: known.option,
    namespace: known.namespace,
    entity: known.entity,
    address: known.address,
    file: known.file,
    subject: facts.subject,
    sans: facts.names,
    issuer: facts.issuer,
    serial: facts.serial,
    sha256: facts.fingerprint,
    not_before: seconds(facts.notBefore),
    not_after: seconds(facts.notAfter),
    key: { algorithm: type === "ec" ? (details?.namedCurve ?? type) : type, bits: keyBits(leaf) },
    chain: chain.map((sent) => factsOf(sent).subject),
    seen_at: seconds(known.seenAt),
    ...(disk === undefined || disk.serialNumber === leaf.serialNumber
      ? {}
      : { on_disk: { serial: disk.serialNumber, not_after: seconds(disk.validToDate.getTime()) } }),
  };
}

/** Of what is no certificate at hand. */
const BLANK = {
  ...{ cluster: "", namespace: "", entity: "", address: "", file: "", subject: "", sans: [], issuer: "" },
  ...{ serial: "", sha256: "", not_before: 0, key: { algorithm: "", bits: 0 }, chain: [], seen_at: 0 },
};

function crlRow(crl: KnownCrl, backend: string, now: number): CertificateRow {
  return {
    ...BLANK,
    ...{ role: "crl", option: crl.option, backend, file: crl.source, issuer: crl.issuer },
    not_before: seconds(crl.thisUpdate),
    not_after: seconds(crl.nextUpdate),
    problems: crlProblems(crl, now),
  };
}

function measuredRow(measured: MeasuredCertificate, backend: string, now: number): CertificateRow {
  const { namespace, entity, check, subject, notAfter, seenAt } = measured;
  return {
    ...BLANK,
    ...{ role: "check", option: check, backend, namespace, entity, subject },
    not_after: seconds(notAfter),
    seen_at: seconds(seenAt),
    problems: measuredProblems(notAfter, now),
  };
}
