/**
 * Bundles each program into `dist/<program>/`: `main.js`, lazily loaded chunks, its worker threads and wasm beside it.
 * End-to-end tests, benchmarks and packages run these bundles.
 */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build, type Plugin } from "esbuild";
import { licenses } from "./licenses.ts";

const root = path.dirname(import.meta.dirname);
const version = JSON.parse(await (await import("node:fs/promises")).readFile(path.join(root, "package.json"), "utf8"))
  .version as string;

/** Threads a program starts: every `*.worker.ts` of the packages it is made of. */
const PROGRAMS = {
  "sensu-backend": { main: "packages/backend/src/main.ts", packages: ["backend", "store", "runtime"] },
  "sensu-agent": { main: "packages/agent/src/main.ts", packages: ["agent", "runtime"] },
  sensuctl: { main: "packages/sensuctl/src/main.ts", packages: ["sensuctl"] },
  "sensu-check": { main: "packages/checks/src/main.ts", packages: ["checks"] },
  "sensu-pki": { main: "packages/pki/src/main.ts", packages: ["pki"] },
} as const;

const LICENSES = "LICENSES.txt";

// Bundled CommonJS dependencies call require() for Node's own modules.
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * Node's own modules come by require(): an import makes every one of their exports at once, and those of `node:http`
 * alone pull in the fetch, WebSocket and HTTP/2 clients, 8 MB that most programs never use.
 */
const builtins: Plugin = {
  name: "builtins",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ kind, path: name }) => {
      if (kind === "import-statement") return { path: name, namespace: "builtin" };
      return kind === "require-call" ? { path: name, external: true } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(name)})`,
    }));
  },
};

async function bundle(program: keyof typeof PROGRAMS): Promise<void> {
  const { main, packages } = PROGRAMS[program];
  const outdir = path.join(root, "dist", program);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const workers = packages.flatMap((name) => globSync(`packages/${name}/src/**/*.worker.ts`, { cwd: root }));
  const entryPoints: Record<string, string> = { main };
  for (const file of workers) entryPoints[path.basename(file, ".ts")] = file;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    minify: true,
    sourcemap: false,
    metafile: true,
    banner: { js: banner },
    plugins: [builtins],
    define: { "process.env.SENSU_TS_VERSION": JSON.stringify(version) },
    external: ["pg-native", "utf-8-validate"],
    alias: { bufferutil: path.join(root, "packages/runtime/src/websocket-mask.ts") },
    loader: { ".wasm": "file" },
    logLevel: "warning",
  });
  writeFileSync(path.join(outdir, LICENSES), licenses(root, Object.keys(metafile.inputs)));
  // The interpreter looks for its WebAssembly beside the file that loads it.
  if (workers.some((file) => file.endsWith("sandbox.worker.ts"))) {
    const require = createRequire(path.join(root, "packages/runtime/package.json"));
    const variant = path.dirname(require.resolve("@jitl/quickjs-wasmfile-release-sync"));
    cpSync(path.join(variant, "emscripten-module.wasm"), path.join(outdir, "emscripten-module.wasm"));
  }
}

const wanted = process.argv.slice(2);
for (const program of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
  if (wanted.length === 0 || wanted.includes(program)) await bundle(program);
}
if (wanted.length === 0 || wanted.includes("web")) {
  execFileSync(process.execPath, [path.join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], {
    cwd: path.join(root, "packages/web"),
    stdio: "inherit",
  });
  const page = path.join(root, "packages/web/dist");
  const backend = path.join(root, "dist/sensu-backend");
  if (existsSync(backend)) {
    const pageLicenses = path.join(page, LICENSES);
    cpSync(pageLicenses, path.join(backend, "LICENSES-page.txt"));
    cpSync(page, path.join(backend, "web"), { recursive: true, filter: (file) => file !== pageLicenses });
  }
}
