/** The way through a proxy, as the usual variables say (W-13): by CONNECT of an HTTP proxy, or by SOCKS 5. */
import http from "node:http";
import https from "node:https";
import { isIP, type Socket } from "node:net";
import { SensuError } from "@sensu-ts/core";
import { connectSocks } from "./socks.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const SCHEMES = new Set(["http:", "https:", "socks5:", "socks5h:"]);

/** The proxy for this URL; `undefined` to connect straight. Throws `SensuError` for an unusable variable. */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const host = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host)) return undefined;
  const name = isSecure(target) ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = env[name] || env[name.toLowerCase()];
  if (!text || isExempt(host, target.port, env["NO_PROXY"] || env["no_proxy"] || "")) return undefined;
  const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (proxy === null || !SCHEMES.has(proxy.protocol)) {
    throw new SensuError("invalid", `${name} must be an http://, https://, socks5:// or socks5h:// URL`);
  }
  return proxy;
}

/** Entries: `*`, a host with or without port, a domain (with its subdomains), an address, a range such as `10.0.0.0/8`. */
function isExempt(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .some((entry) => {
      if (entry === "") return false;
      if (entry === "*") return true;
      const range = /^([\d.]+)\/(\d+)$/.exec(entry);
      if (range) return isIP(host) === 4 && sameNetwork(host, range[1] as string, Number(range[2]));
      const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      if (name.startsWith(".")) return host.endsWith(name);
      return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
    });
}

function sameNetwork(a: string, b: string, bits: number): boolean {
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  return Math.floor(number(a) / size) === Math.floor(number(b) / size);
}

function isSecure({ protocol }: URL): boolean {
  return protocol === "wss:" || protocol === "https:";
}

function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith("socks5");
}

/** A socket that ends at the target's host and port. */
export function connectThrough(proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> {
  const port = target.port || (isSecure(target) ? "443" : "80");
  if (isSocks(proxy)) {
    return connectSocks(proxy, { host: target.hostname.replace(/^\[|\]$/g, ""), port: Number(port) }, signal);
  }
  const authority = `${target.hostname}:${port}`;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const client = proxy.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: {
        Host: authority,
        ...(proxy.username === ""
          ? {}
          : { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` }),
      },
      agent: false,
      signal,
    });
    request.once("connect", (response, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new SensuError("unavailable", `proxy refused the connection with status ${response.statusCode}`));
    });
    request.once("error", (error) =>
      reject(new SensuError("unavailable", `proxy: ${error.message}`, { cause: error })),
    );
    request.end();
  });
}
