/**
 * Who may import whom: the table here says it, the rules of biome.boundaries.json enforce it. Biome runs on one small bad file for
 * each arrow, so a rule that is missing or says something else is found.
 */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Packages and the packages each may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  pki: ["core"],
  runtime: ["core", "pki"],
  store: ["core"],
  client: ["core", "runtime"],
  backend: ["core", "pki", "runtime", "store"],
  agent: ["core", "pki", "runtime"],
  sensuctl: ["core", "pki", "runtime", "client"],
  web: [],
  checks: [],
};

/** Rooms of the backend, in the order of the data path: none imports one below itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  bus: [],
  observe: ["bus"],
  access: ["observe"],
  state: ["observe", "bus"],
  ingest: ["observe", "bus", "state"],
  liveness: ["observe", "bus", "state", "ingest"],
  gateway: ["observe", "bus", "state", "ingest"],
  pipeline: ["observe", "bus"],
  schedule: ["observe"],
  actions: ["observe", "access", "schedule"],
  api: ["observe", "access", "actions"],
  ui: ["observe", "bus", "access", "pipeline", "actions"],
  app: [
    ...["observe", "bus", "access", "state", "ingest", "liveness", "gateway"],
    ...["pipeline", "schedule", "actions", "api", "ui"],
  ],
};

/** What of the store a room may name; the others may name all of it. */
const STORE: Readonly<Record<string, readonly string[]>> = {
  observe: [],
  bus: ["EventKey"],
  gateway: [],
  pipeline: ["EventKey", "ResourceCache"],
  schedule: ["ResourceCache"],
  api: [],
};
const SAMPLES = ["EventKey", "ResourceCache", "ResourceStore", "openSqlite"];

interface Arrow {
  readonly file: string;
  readonly code: string;
  readonly allowed: boolean;
}

function folders(path: string): readonly string[] {
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

const arrows: Arrow[] = [];
for (const [from, allowed] of Object.entries(PACKAGES)) {
  for (const to of Object.keys(PACKAGES).filter((name) => name !== from)) {
    const code = `import "@sensu-ts/${to}";`;
    arrows.push({ file: `packages/${from}/src/to-${to}.ts`, code, allowed: allowed.includes(to) });
    const code2 = `import "../../${to}/src/mod.ts";`;
    arrows.push({ file: `packages/${from}/src/by-path-to-${to}.ts`, code: code2, allowed: false });
  }
}
for (const [from, allowed] of Object.entries(ROOMS)) {
  const folder = `packages/backend/src/${from}`;
  for (const to of Object.keys(ROOMS).filter((name) => name !== from)) {
    const ok = allowed.includes(to);
    arrows.push({ file: `${folder}/to-${to}.ts`, code: `import "../${to}/a.ts";`, allowed: ok });
    const deep = { code: `export type { A } from "../../${to}/b/a.ts";`, allowed: ok };
    arrows.push({ file: `${folder}/deep/to-${to}.ts`, ...deep });
  }
  arrows.push({ file: `${folder}/to-client.ts`, code: `import "@sensu-ts/client";`, allowed: false });
  for (const name of SAMPLES) {
    const ok = STORE[from]?.includes(name) ?? true;
    const code = `import type { ${name} } from "@sensu-ts/store";`;
    arrows.push({ file: `${folder}/store-${name}.ts`, code, allowed: ok });
  }
}

let folder: string;
let refused: ReadonlySet<string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "boundaries-"));
  for (const name of ["biome.json", "biome.boundaries.json"]) copyFileSync(join(ROOT, name), join(folder, name));
  for (const { file, code } of arrows) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), `${code}\n`);
  }
  const only = ["--only=lint/style/noRestrictedImports", "--vcs-enabled=false"];
  const how = ["lint", ...only, "--reporter=json", "--max-diagnostics=none", "packages"];
  const { stdout } = await promisify(execFile)(join(ROOT, "node_modules/.bin/biome"), how, {
    cwd: folder,
    maxBuffer: 64 << 20,
  }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { location: { path: string } }[] };
  refused = new Set(diagnostics.map(({ location }) => location.path));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every package and every room has its row", () => {
  expect(Object.keys(PACKAGES).sort()).toEqual([...folders("packages")].sort());
  expect(Object.keys(ROOMS).sort()).toEqual([...folders("packages/backend/src")].sort());
});

test("the rules refuse every arrow that is not in the table, and no other", () => {
  const wrong = arrows
    .filter(({ file, allowed }) => refused.has(file) === allowed)
    .map(({ file, allowed }) => `${file}: ${allowed ? "refused, should be allowed" : "allowed, should be refused"}`);
  expect(wrong).toEqual([]);
});

test("arrows point one way", () => {
  for (const table of [PACKAGES, ROOMS]) {
    const order = Object.keys(table);
    for (const [from, allowed] of Object.entries(table)) {
      for (const to of allowed) expect(order.indexOf(to), `${from} -> ${to}`).toBeLessThan(order.indexOf(from));
    }
  }
});
