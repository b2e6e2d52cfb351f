/** What an agent's configuration is asked. */
import { PkiError } from "../../errors.ts";
import { readFile } from "../../files.ts";
import type { ClientPair } from "./clock.ts";
import { client, type Examination, isLoopback, type Options, type Pair, text } from "./examination.ts";

const PAIR: Pair = { cert: "cert-file", key: "key-file", ca: undefined, usages: [client] };

/** Where backends listen for agents. */
const AGENT_PORT = "8081";

export async function examineAgent(examination: Examination, options: Options): Promise<void> {
  const leaf = examination.pair(PAIR);
  const given = options["backend-url"];
  const urls = (Array.isArray(given) ? given : given === undefined ? [] : [given]).map(String);
  if (text(options, "cert-file") !== "" && urls.some((url) => url.startsWith("ws:"))) {
    examination.add("critical", "backend-url", "has a ws URL, where no certificate is shown: use wss");
  }
  for (const url of urls) {
    if (!url.startsWith("ws:") || !URL.canParse(url)) continue;
    if (!isLoopback(new URL(url).hostname)) examination.add("warning", "backend-url", `${url} is plaintext: use wss`);
  }
  if (options["insecure-skip-tls-verify"] === true) {
    examination.add("warning", "insecure-skip-tls-verify", "the backend's certificate is not checked");
  }
  await examination.clocks("backend-url", urls.map(asHttp), leaf && pairOf(options));
}

function asHttp(url: string): string {
  const [, secure = "", address = ""] = /^ws(s?):\/\/(.*)$/.exec(url) ?? [];
  const port = /:\d+\/?$/.test(address) ? "" : `:${AGENT_PORT}`;
  return address === "" ? url : `http${secure}://${address.replace(/\/$/, "")}${port}`;
}

/** A listener that knows agents by certificate answers nobody else. Undefined when a file was found wrong above. */
function pairOf(options: Options): ClientPair | undefined {
  const [cert, key] = [text(options, "cert-file"), text(options, "key-file")];
  try {
    return { cert: readFile(cert), key: readFile(key) };
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}
