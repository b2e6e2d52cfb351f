/** `cfssl certinfo` (S-62). */
import { isIP } from "node:net";
import tls from "node:tls";
import { type Certificate, readCertificate, serialDecimal } from "../cert.ts";
import { readRequest } from "../csr.ts";
import { failure } from "../errors.ts";
import { readFile } from "../files.ts";
import { listHosts } from "../hosts.ts";
import { toPem } from "../pem.ts";
import { readName, readSubject } from "../subject.ts";
import type { Command, Context } from "./command.ts";

function nameInfo(der: Buffer): Record<string, string | string[]> {
  const subject = readSubject(der);
  const fields: [string, string][] = [
    ["common_name", subject.commonName],
    ["serial_number", subject.serialNumber],
    ["country", subject.country.join(",")],
    ["organization", subject.organization.join(",")],
    ["organizational_unit", subject.organizationalUnit.join(",")],
    ["locality", subject.locality.join(",")],
    ["province", subject.province.join(",")],
    ["street_address", subject.street.join(",")],
    ["postal_code", subject.postalCode.join(",")],
  ];
  const names = readName(der).map((attribute) => attribute.value);
  return { ...Object.fromEntries(fields.filter(([, value]) => value !== "")), ...(names.length > 0 ? { names } : {}) };
}

function colons(id: Buffer | undefined): string {
  return id === undefined ? "" : (id.toString("hex").toUpperCase().match(/../g) ?? []).join(":");
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

export function certificateInfo(certificate: Certificate): object {
  const sans = [...certificate.hosts.dns, ...certificate.hosts.ip];
  return {
    subject: nameInfo(certificate.subject),
    issuer: nameInfo(certificate.issuer),
    serial_number: serialDecimal(certificate.serial),
    ...(sans.length > 0 ? { sans } : {}),
    not_before: seconds(certificate.notBefore),
    not_after: seconds(certificate.notAfter),
    sigalg: certificate.signatureAlgorithm,
    authority_key_id: colons(certificate.authorityKeyId),
    subject_key_id: colons(certificate.subjectKeyId),
    pem: toPem("CERTIFICATE", certificate.der),
  };
}

function requestInfo(text: string): object {
  const request = readRequest(text);
  return {
    subject: nameInfo(request.subject),
    sans: listHosts(request.hosts),
    sigalg: request.signatureAlgorithm,
    pem: toPem("CERTIFICATE REQUEST", request.der),
  };
}

/** What the server shows is only printed, so nothing has to vouch for it. */
async function servedCertificate(domain: string): Promise<Certificate> {
  const [, host = domain, port = "443"] = /^(.*?)(?::(\d+))?$/.exec(domain) ?? [];
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port: Number(port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: 10_000,
    });
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      try {
        resolve(readCertificate(raw));
      } catch (error) {
        reject(error as Error);
      }
    });
    socket.once("timeout", () => socket.destroy(new Error("no answer within 10 seconds")));
    socket.once("error", (error) => reject(failure(`${domain}: ${error.message}`, error)));
  });
}

async function readTarget(source: string, context: Context): Promise<string> {
  return source === "-" ? context.io.input() : readFile(source);
}

export const certinfo: Command = {
  usage: ["cfssl certinfo -cert FILE", "cfssl certinfo -csr FILE", "cfssl certinfo -domain HOST[:PORT]"],
  flags: { cert: "string", csr: "string", domain: "string", loglevel: "number" },
  async run(context) {
    const { flags, io } = context;
    let info: object;
    if (flags.text("cert") !== "") {
      info = certificateInfo(readCertificate(await readTarget(flags.text("cert"), context)));
    } else if (flags.text("csr") !== "") {
      info = requestInfo(await readTarget(flags.text("csr"), context));
    } else if (flags.text("domain") !== "") {
      info = certificateInfo(await servedCertificate(flags.text("domain")));
    } else throw failure("Must specify certinfo target through -cert, -csr, -domain or -serial + -aki");
    // Go escapes these three inside strings.
    const text = JSON.stringify(info, null, 2).replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
    io.out(`${text}\n`);
  },
};
