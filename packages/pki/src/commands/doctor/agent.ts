/** What an agent's configuration is asked. */
import { client, type Examination, isLoopback, type Options, type Pair, text } from "./examination.ts";

const PAIR: Pair = { cert: "cert-file", key: "key-file", ca: undefined, usages: [client] };

export function examineAgent(examination: Examination, options: Options): void {
  examination.pair(PAIR);
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
}
