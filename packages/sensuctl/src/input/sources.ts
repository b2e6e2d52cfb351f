/** Where `create -f` takes its texts from: files, folders and URLs (C-100, C-101). */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Reply } from "@sensu-ts/client";
import { Failure, fileFailure } from "../frame/failure.ts";

/** For one file, not for the backend's answers: `--timeout` does not count here (C-100). */
const TIMEOUT_MS = 300_000;

export interface Source {
  /** As given by the user. */
  readonly input: string;
  /** File or URL that the text is from. */
  readonly place: string;
  readonly text: string;
}

export async function readSources(input: string, recursive: boolean): Promise<readonly Source[]> {
  // A scheme of one letter is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(input)?.[1]?.toLowerCase();
  if (scheme === undefined) return readPath(input, input, recursive);
  if (scheme === "file") return readPath(input, fileURLToPath(input), recursive);
  if (scheme !== "http" && scheme !== "https")
    throw new Failure(`Get ${JSON.stringify(input)}: unsupported protocol scheme "${scheme}"`);
  return readUrl(input, input, recursive, new Set());
}

function readPath(input: string, root: string, recursive: boolean): readonly Source[] {
  try {
    lstatSync(root);
  } catch (error) {
    throw fileFailure("lstat", root, error);
  }
  const sources: Source[] = [];
  walk(root, true, new Set());
  return sources;

  /** Links to folders are followed; `above` holds the real folders on the way, against loops. */
  function walk(place: string, top: boolean, above: ReadonlySet<string>): void {
    try {
      if (!statSync(place).isDirectory()) {
        sources.push({ input, place, text: readFileSync(place, "utf8") });
        return;
      }
      if (!top && !recursive) return;
      const real = realpathSync(place);
      if (above.has(real)) return;
      for (const name of readdirSync(place).sort()) walk(path.join(place, name), false, new Set([...above, real]));
    } catch (error) {
      throw error instanceof Failure ? error : fileFailure("open", place, error);
    }
  }
}

/** No credentials, CA file or proxy of ours: these are other people's servers. */
async function readUrl(input: string, url: string, recursive: boolean, seen: Set<string>): Promise<readonly Source[]> {
  if (seen.has(url)) return [];
  seen.add(url);
  const { status, text, headers } = await get(url);
  if (status >= 400) throw new Failure(text);
  if (!(headers["content-type"] ?? "").startsWith("text/html")) return [{ input, place: url, text }];
  if (!recursive) throw new Failure("use -r to enable directory recursion");
  const sources: Source[] = [];
  const base = url.endsWith("/") ? url : `${url}/`;
  for (const name of listing(text)) sources.push(...(await readUrl(input, new URL(name, base).href, recursive, seen)));
  return sources;
}

async function get(url: string): Promise<Reply> {
  const { SensuClient } = await import("@sensu-ts/client");
  const { href, pathname, search, hash } = new URL(url);
  const server = href.slice(0, href.length - `${pathname}${search}${hash}`.length);
  const client = new SensuClient({ url: server, timeoutMs: TIMEOUT_MS });
  try {
    return await client.exchange("GET", `${pathname}${search}`);
  } finally {
    await client.close();
  }
}

/** Texts of the links inside `<pre>`, which is what simple file servers answer. */
function listing(html: string): readonly string[] {
  const body = /<pre>([\s\S]*?)<\/pre>/i.exec(html)?.[1] ?? "";
  const names = Array.from(body.matchAll(/<a\b[^>]*>([^<]*)<\/a>/gi), ([, name = ""]) => decodeEntities(name));
  return names.filter((name) => name !== "" && !name.startsWith(".."));
}

function decodeEntities(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#34": '"' };
  return text.replace(/&(amp|lt|gt|quot|#39|#34);/g, (_, name: string) => named[name] ?? "");
}
