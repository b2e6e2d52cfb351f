/** One HTTP(S) request with full control of the TLS side, which Node's `fetch` does not give. */
import http from "node:http";
import https from "node:https";
import type { ConnectionOptions } from "node:tls";

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A new connection for each request, so that each one shakes hands. */
export function httpRequest(url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
  const { method = "GET", headers = {}, body, tls } = request;
  return new Promise((resolve, reject) => {
    const client = url.startsWith("https:") ? https : http;
    const sent = client.request(url, { method, headers, ...tls, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", reject);
      response.once("end", () => {
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values]) =>
          (values ?? []).map((value): [string, string] => [name, value]),
        );
        resolve({ status: response.statusCode ?? 0, headers: new Headers(pairs), text });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
