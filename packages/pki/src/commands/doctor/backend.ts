/** What a backend's configuration is asked. */
import { PkiError } from "../../errors.ts";
import { readPrivateKey, readPublicKey, samePublicKey } from "../../keys.ts";
import { client, type Examination, isLoopback, type Options, type Pair, server, text } from "./examination.ts";

const PAIRS: readonly Pair[] = [
  { cert: "cert-file", key: "key-file", ca: "trusted-ca-file", usages: [server] },
  { cert: "dashboard-cert-file", key: "dashboard-key-file", ca: undefined, usages: [server] },
  { cert: "agent-auth-cert-file", key: "agent-auth-key-file", ca: undefined, usages: [server] },
  { cert: "etcd-cert-file", key: "etcd-key-file", ca: "etcd-trusted-ca-file", usages: [server, client] },
  { cert: "etcd-peer-cert-file", key: "etcd-peer-key-file", ca: "etcd-peer-trusted-ca-file", usages: [server, client] },
];

export async function examineBackend(examination: Examination, options: Options): Promise<void> {
  const [main, , , etcd, peer] = PAIRS.map((pair) => examination.pair(pair));
  const url = text(options, "api-url");
  const secure = text(options, "cert-file") !== "";
  if (url !== "" && secure !== url.startsWith("https:")) {
    examination.add("warning", "api-url", `${url} does not fit: the API speaks ${secure ? "https" : "http"}`);
  } else examination.host("api-url", main);
  examination.host("etcd-advertise-client-urls", etcd);
  examination.host("etcd-initial-advertise-peer-urls", peer);
  if (text(options, "agent-auth-cert-file") !== "" && text(options, "agent-auth-trusted-ca-file") === "") {
    examination.add(
      "warning",
      "agent-auth-trusted-ca-file",
      "is empty: every certificate of a public CA is let in as an agent",
    );
  }
  examinePlaintext(examination, options);
  examineSharedAuthority(examination, options);
  examineJwt(examination, options);
  if (url !== "") await examination.clocks("api-url", [url], undefined);
}

/** Listeners: the options of their pairs, and the host each is bound to. */
const LISTENERS = [
  { name: "API", pairs: ["cert-file"], option: "api-listen-address" },
  { name: "agents", pairs: ["agent-auth-cert-file", "cert-file"], option: "agent-host" },
  { name: "web page", pairs: ["dashboard-cert-file", "cert-file"], option: "dashboard-host" },
] as const;

function examinePlaintext(examination: Examination, options: Options): void {
  for (const { name, pairs, option } of LISTENERS) {
    if (pairs.some((pair) => text(options, pair) !== "")) continue;
    const host = option === "api-listen-address" ? text(options, option).replace(/:\d*$/, "") : text(options, option);
    if (isLoopback(host)) continue;
    examination.add(
      "warning",
      pairs.at(-1) ?? option,
      `is not set: the ${name} listener speaks plaintext to everybody`,
    );
  }
}

/** Every agent's certificate opens etcd when one CA vouches for both (F-1306, S-484). */
function examineSharedAuthority(examination: Examination, options: Options): void {
  const agents = text(options, "agent-auth-trusted-ca-file");
  for (const option of ["etcd-trusted-ca-file", "etcd-peer-trusted-ca-file"]) {
    if (agents === "" || text(options, option) !== agents) continue;
    examination.add(
      "warning",
      option,
      `${agents} vouches for agents too, so each of them can open the store's port: use a CA of its own`,
    );
    return;
  }
}

function examineJwt(examination: Examination, options: Options): void {
  const names = ["jwt-private-key-file", "jwt-public-key-file"] as const;
  if (text(options, names[0]) === "") return;
  if (text(options, names[1]) === "") {
    examination.add("critical", names[0], "a public key is required when specifying a private key");
    return;
  }
  const [secret, open] = names.map((name) => examination.open(name));
  if (secret === undefined || open === undefined) return;
  try {
    const key = readPrivateKey(secret);
    if (key.asymmetricKeyType !== "ec") examination.add("critical", names[0], "is no EC key");
    else if (!samePublicKey(key, readPublicKey(open)))
      examination.add("critical", names[1], "does not belong to the private key");
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    examination.add("critical", names[0], error.message);
  }
}
