/** `sensu-pki list` (S-77). */
import type { Certificate } from "../cert.ts";
import { daysLeft, validityOf } from "../expiry.ts";
import { listHosts } from "../hosts.ts";
import { type PkiCommand, switchOption } from "./arguments.ts";
import { certificateFiles, type Index, type IndexEntry, readIndex, readLeaf } from "./directory.ts";

const WARNING_DAYS = 30;

interface Row {
  file: string;
  cn: string;
  sans: string[];
  serial: string;
  profile: string;
  notAfter: string;
  daysLeft: number;
  status: string;
}

function rowOf(file: string, certificate: Certificate, index: Index, now: Date): Row {
  const serial = certificate.serial.toString("hex");
  const entry = index.certificates.find((one) => one.serial === serial);
  const validity = validityOf(certificate, now, WARNING_DAYS);
  return {
    file,
    cn: certificate.commonName,
    sans: listHosts(certificate.hosts),
    serial,
    profile: entry?.profile ?? "",
    notAfter: certificate.notAfter.toISOString(),
    daysLeft: daysLeft(certificate, now),
    status: entry?.status === "revoked" ? "revoked" : validity,
  };
}

/** A revoked certificate whose file is gone or holds a newer one. */
function revokedRow(entry: IndexEntry, now: Date): Row {
  return {
    file: entry.file,
    cn: /(?:^|, )CN=([^,]*)/.exec(entry.subject)?.[1] ?? "",
    sans: entry.sans,
    serial: entry.serial,
    profile: entry.profile,
    notAfter: entry.notAfter,
    daysLeft: Math.floor((Date.parse(entry.notAfter) - now.getTime()) / 86_400_000),
    status: "revoked",
  };
}

export const list: PkiCommand = {
  usage: ["list [--json]"],
  options: { json: switchOption },
  run({ directory, io, on }) {
    const index = readIndex(directory);
    const now = io.now();
    const rows = certificateFiles(directory).map((file) => rowOf(file, readLeaf(directory.file(file)), index, now));
    const shown = new Set(rows.map((row) => row.serial));
    const gone = index.certificates.filter((entry) => entry.status === "revoked" && !shown.has(entry.serial));
    rows.push(...gone.map((entry) => revokedRow(entry, now)));
    if (on("json")) {
      io.out(`${JSON.stringify(rows, null, 2)}\n`);
      return 0;
    }
    const cells = [
      ["FILE", "CN", "SANS", "SERIAL", "PROFILE", "NOT AFTER", "DAYS", "STATUS"],
      ...rows.map((row) => [
        row.file,
        row.cn,
        row.sans.join(","),
        row.serial,
        row.profile || "-",
        row.notAfter.slice(0, 16).replace("T", " "),
        String(row.daysLeft),
        row.status,
      ]),
    ];
    const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
    for (const row of cells)
      io.out(
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
      );
    return 0;
  },
};
