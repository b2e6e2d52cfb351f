/**
 * The one place where sockets are made: every listener and every client connection of every program takes a TLS
 * source from here; plaintext is one value of it (design 5). Profile: S-107 to S-113.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import tls from "node:tls";
import { SensuError } from "@sensu-ts/core";

const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

const PROFILE = {
  minVersion: "TLSv1.2",
  ciphers: CIPHERS,
  ecdhCurve: "X25519:P-384:P-256:P-521",
} as const;

export interface ServerTlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A listener's TLS: `undefined` is plaintext. */
export type ServerTls = ServerTlsFiles | undefined;

export interface ClientTls {
  /** Replaces the system's roots when given (S-110). */
  readonly trustedCaFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly insecureSkipVerify?: boolean;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === "ENOENT" ? "no such file or directory" : code === "EACCES" ? "permission denied" : String(code);
    throw new SensuError("invalid", `${what}: open ${file}: ${why}`, { cause: error });
  }
}

/** Certificate and key that belong together, or an error in the original's words (S-114, S-115). */
function readPair(files: ServerTlsFiles, what: string): { cert: Buffer; key: Buffer } {
  const cert = read(files.certFile, what);
  const key = read(files.keyFile, what);
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
  } catch (error) {
    throw new SensuError("invalid", `${what}: tls: failed to find any PEM data in certificate input`, { cause: error });
  }
  let matches: boolean;
  try {
    matches = leaf.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new SensuError("invalid", `${what}: tls: failed to find any PEM data in key input`, { cause: error });
  }
  if (!matches) throw new SensuError("invalid", `${what}: tls: private key does not match public key`);
  return { cert, key };
}

function readCa(file: string): Buffer {
  const pem = read(file, "Error reading CA file");
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new SensuError("invalid", `No certificates could be parsed out of ${file}`);
  }
  return pem;
}

/** Throws with a message for the operator when the files cannot serve. */
export function checkServerTls(source: ServerTls): void {
  if (source) readPair(source, "Error loading tls server certificate");
}

/** An HTTP(S) server that is not listening yet. */
export function createServer(source: ServerTls, handler: http.RequestListener): http.Server | https.Server {
  if (source === undefined) return http.createServer(handler);
  const pair = readPair(source, "Error loading tls server certificate");
  return https.createServer({ ...PROFILE, ...pair, honorCipherOrder: true }, handler);
}

/** Options for `https.request`, `ws` and `tls.connect`. Files are read now: renewal needs only a reconnect (S-151). */
export function clientTls(source: ClientTls): tls.ConnectionOptions {
  const { trustedCaFile, certFile, keyFile, insecureSkipVerify } = source;
  return {
    ...PROFILE,
    ...(trustedCaFile ? { ca: readCa(trustedCaFile) } : {}),
    ...(certFile && keyFile ? readPair({ certFile, keyFile }, "Error loading tls client certificate") : {}),
    rejectUnauthorized: !insecureSkipVerify,
    checkServerIdentity(host, certificate) {
      // Node falls back to the CN when there are no alternative names; Go does not (S-113).
      if (certificate.subjectaltname === undefined) {
        return new Error(`certificate of ${host} has no subject alternative names`);
      }
      return tls.checkServerIdentity(host, certificate);
    },
  };
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[v6]:port` or `:port`. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = match ? Number(match[3]) : Number.NaN;
  if (!match || port > 65535) throw new SensuError("invalid", `listen address ${text}: want host:port`);
  return { host: match[1] ?? match[2] ?? "", port };
}

/** Listens; resolves with the address in use (port 0 lets the system choose). */
export function listen(server: NetServer, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const where = `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
      const why = error.code === "EADDRINUSE" ? "bind: address already in use" : error.message;
      reject(new SensuError("unavailable", `listen tcp ${where}: ${why}`, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ host: address.host === "" ? "::" : address.host, port: address.port }, () => {
      server.off("error", failed);
      const bound = server.address() as AddressInfo;
      resolve({ host: bound.address, port: bound.port });
    });
  });
}

/** Stops accepting, ends idle connections at once and the rest after `graceMs`. */
export function close(server: http.Server | https.Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
