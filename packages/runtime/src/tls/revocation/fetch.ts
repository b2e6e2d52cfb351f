/** Small documents from http, https, file URLs and plain paths, bounded in time, size and redirects. */
import { open } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { fileURLToPath } from "node:url";
import { SensuError } from "@sensu-ts/core";
import { clientTls } from "../client.ts";

export interface FetchRequest {
  readonly url: string;
  /** Milliseconds for everything, redirects included. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Sent by POST. */
  readonly body?: { readonly type: string; readonly bytes: Buffer };
}

const MAX_REDIRECTS = 3;
const NO_HEADERS: Readonly<Record<string, string | number>> = {};

export function isHttpUrl(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Rejects with `SensuError("unavailable")` whose text names the URL or the file. */
export async function fetchBytes(request: FetchRequest): Promise<Buffer> {
  try {
    if (!isHttpUrl(request.url)) return await readFile(request);
    const signal = AbortSignal.timeout(request.timeoutMs);
    let url = request.url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await ask(new URL(url), request, signal);
      if (!("location" in answer)) return answer;
      if (!isHttpUrl(answer.location)) throw new Error("redirected away from http");
      url = answer.location;
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    const timedOut = (error as Error).name === "AbortError" || (error as Error).name === "TimeoutError";
    const why = timedOut ? `no answer within ${request.timeoutMs} ms` : (error as Error).message;
    throw new SensuError("unavailable", `${request.url}: ${why}`, { cause: error });
  }
}

function ask(url: URL, request: FetchRequest, signal: AbortSignal): Promise<Buffer | { readonly location: string }> {
  const { body, maxBytes } = request;
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? https : http).request(url, {
      ...(secure ? clientTls({}) : {}),
      method: body ? "POST" : "GET",
      headers: body ? { "Content-Type": body.type, "Content-Length": body.bytes.length } : NO_HEADERS,
      agent: false,
      signal,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const { statusCode = 0, headers } = response;
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined && !body) {
        response.destroy();
        resolve({ location: new URL(headers.location, url).href });
        return;
      }
      if (statusCode !== 200) {
        response.destroy();
        reject(new Error(`answered with status ${statusCode}`));
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > maxBytes) response.destroy(new Error(`larger than ${maxBytes} bytes`));
      });
      response.on("error", reject);
      response.on("aborted", () => reject(new Error("the answer ended early")));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    });
    outgoing.end(body?.bytes);
  });
}

async function readFile({ url, maxBytes }: FetchRequest): Promise<Buffer> {
  const file = await open(/^file:\/\//i.test(url) ? fileURLToPath(url) : url);
  try {
    const stat = await file.stat();
    // A pipe or a device could give bytes without end.
    if (!stat.isFile()) throw new Error("not a regular file");
    if (stat.size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
