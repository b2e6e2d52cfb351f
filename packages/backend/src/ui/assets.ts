/** The built page, read once into memory with its compressed forms (U-6, U-7). */
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};
/** The default of 11 costs half a second at each start and makes the page 7 % smaller. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const COMPRESSED = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt"]);
const NOT_KEPT = "no-cache, no-store, must-revalidate";

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
}

const MISSING: Asset = {
  type: "text/plain; charset=utf-8",
  plain: Buffer.from("The web page is not built: run npm run build.\n"),
};

/** Built for any place: the backend says where it is (U-9). */
function placed(html: string, basePath: string): string {
  return html
    .replaceAll('="./', `="${basePath}`)
    .replace('name="base-path" content="/"', `name="base-path" content="${basePath}"`);
}

async function load(file: string, basePath: string): Promise<Asset> {
  const found = await readFile(file);
  const plain = file.endsWith(".html") ? Buffer.from(placed(found.toString("utf8"), basePath)) : found;
  const extension = path.extname(file);
  const type = TYPES[extension] ?? "application/octet-stream";
  if (!COMPRESSED.has(extension)) return { type, plain };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(plain, BROTLI), promisify(gzip)(plain)]);
  return { type, plain, brotli: br, gzip: gz };
}

export class Assets {
  readonly #folder: string;
  readonly #basePath: string;
  #files: ReadonlyMap<string, Asset> = new Map();
  #index: Asset | undefined;

  constructor(folder: string, basePath: string) {
    this.#folder = folder;
    this.#basePath = basePath;
  }

  /** A missing folder is no error: the API part of the port works without the page. */
  async start(): Promise<void> {
    const names = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, Asset>();
    for (const entry of names) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      files.set(`/${path.relative(this.#folder, file).split(path.sep).join("/")}`, await load(file, this.#basePath));
    }
    this.#files = files;
    this.#index = files.get("/index.html");
  }

  /** Only files of the list are ever served, so no path can leave the folder. */
  serve(pathname: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    if (pathname === "/index.json") {
      this.#serveList(request, response);
      return;
    }
    const asset = this.#files.get(pathname);
    if (pathname.startsWith("/static/")) {
      if (!asset) {
        response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("not found\n");
        return;
      }
      response.setHeader("Cache-Control", "max-age=31536000, immutable");
      send(asset, 200, request, response);
      return;
    }
    response.setHeader("Cache-Control", NOT_KEPT);
    response.setHeader("Pragma", "no-cache");
    response.setHeader("Expires", "0");
    const page = asset ?? this.#index;
    send(page ?? MISSING, page ? 200 : 503, request, response);
  }

  #serveList(request: IncomingMessage, response: ServerResponse): void {
    const plain = Buffer.from(JSON.stringify([...this.#files.keys()].sort()));
    response.setHeader("Cache-Control", NOT_KEPT);
    send({ type: "application/json", plain }, 200, request, response);
  }
}

function send(asset: Asset, status: number, request: IncomingMessage, response: ServerResponse): void {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  let body = asset.plain;
  if (asset.brotli && /\bbr\b/.test(accepted)) {
    body = asset.brotli;
    response.setHeader("Content-Encoding", "br");
  } else if (asset.gzip && /\bgzip\b/.test(accepted)) {
    body = asset.gzip;
    response.setHeader("Content-Encoding", "gzip");
  }
  if (asset.gzip) response.setHeader("Vary", "Accept-Encoding");
  response.writeHead(status, { "Content-Type": asset.type, "Content-Length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}
