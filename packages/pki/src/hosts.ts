/** Subject alternative names: which kind a host is (S-50), and their extension. */
import { isIP } from "node:net";
import { children, contextPrimitive, type Element, readOnly, sequence, TAG } from "./der.ts";
import { PkiError } from "./errors.ts";

export interface Hosts {
  dns: string[];
  email: string[];
  /** Text form, IPv6 in lower case. */
  ip: string[];
  uri: string[];
}

export function noHosts(): Hosts {
  return { dns: [], email: [], ip: [], uri: [] };
}

export function countHosts(hosts: Hosts): number {
  return hosts.dns.length + hosts.email.length + hosts.ip.length + hosts.uri.length;
}

const EMAIL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[^\s@,<>()[\]\\"]+$/;
/** A scheme with something behind it, or an absolute path: what Go's parser of request URIs takes. */
const URI = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/|\/)\S*$/;

/** IP literal, e-mail address, absolute URI or path, else a DNS name as it stands, the empty one included. */
export function classifyHosts(hosts: readonly string[]): Hosts {
  const found = noHosts();
  for (const host of hosts) {
    if (isIP(host) !== 0 && !host.includes("%")) found.ip.push(host);
    else if (EMAIL.test(host)) found.email.push(host);
    else if (URI.test(host)) found.uri.push(host);
    else found.dns.push(host);
  }
  return found;
}

function ipBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // A dotted tail stands for two groups; `::` for as many zero groups as are missing.
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array<string>(zeros).fill("0"), ...right].map((group) => Number.parseInt(group, 16));
  const bytes = Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
  // Go keeps a mapped IPv4 address in four bytes.
  const mapped = bytes.subarray(0, 12).equals(Buffer.from("00000000000000000000ffff", "hex"));
  return mapped ? bytes.subarray(12) : bytes;
}

function ipText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join(".");
  if (bytes.length !== 16) throw new PkiError(1003, "an IP address in the certificate has a wrong length");
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  const url = new URL(`http://[${groups.join(":")}]/`);
  return url.hostname.slice(1, -1);
}

/** Value of the extension: DNS, e-mail, IP, URI (S-46). */
export function encodeHosts(hosts: Hosts): Buffer {
  return sequence(
    ...hosts.dns.map((name) => contextPrimitive(2, Buffer.from(name, "utf8"))),
    ...hosts.email.map((name) => contextPrimitive(1, Buffer.from(name, "utf8"))),
    ...hosts.ip.map((address) => contextPrimitive(7, ipBytes(address))),
    ...hosts.uri.map((name) => contextPrimitive(6, Buffer.from(name, "utf8"))),
  );
}

/** Names of other kinds are left out. */
export function readHosts(der: Uint8Array): Hosts {
  const hosts = noHosts();
  for (const name of children(readOnly(der, TAG.sequence)) satisfies Element[]) {
    if (name.tag === 0x82) hosts.dns.push(name.content.toString("utf8"));
    else if (name.tag === 0x81) hosts.email.push(name.content.toString("utf8"));
    else if (name.tag === 0x86) hosts.uri.push(name.content.toString("utf8"));
    else if (name.tag === 0x87) hosts.ip.push(ipText(name.content));
  }
  return hosts;
}

/** All names as text, in the order of the extension. */
export function listHosts(hosts: Hosts): string[] {
  return [...hosts.dns, ...hosts.email, ...hosts.ip, ...hosts.uri];
}

/** An IPv6 address has many spellings. */
function canonical(ip: string): string {
  return isIP(ip) === 6 ? new URL(`http://[${ip}]`).hostname : ip;
}

/** Whether a server may be called by this name or address. */
export function coversHost(hosts: Hosts, host: string): boolean {
  if (isIP(host) !== 0) return new Set(hosts.ip.map(canonical)).has(canonical(host));
  const name = host.toLowerCase();
  const wild = `*${name.slice(name.indexOf("."))}`;
  return hosts.dns.some((one) => one.toLowerCase() === name || one.toLowerCase() === wild);
}
