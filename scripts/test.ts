/**
 * `npm test`, `npm run test:long`, `npm run test:compat`: everything from installing what is missing to the line
 * `N passed, N failed` that closes the output.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installDebianPackages } from "./debian.ts";

const root = path.dirname(import.meta.dirname);
const USAGE = `npm test [-- FILTER ...]              everything that every change must pass
npm run test:long [-- FILTER ...]      kill campaigns, soak, deep fuzzing
npm run test:compat [-- FILTER ...]    against the original's programs, in the folder that ORIGINAL names

FILTER: part of a test file's path, or an option of Vitest (-t NAME). With one, nothing but the tests is run.

  FUZZ_FACTOR    cases a property in test:long, times the usual number (default 50)
  SOAK_MINUTES   length of the soak in test:long (default 20; below 5 growth is told, not judged)
`;
const TIERS = ["long", "compat"];
const [first = "", ...others] = process.argv.slice(2);
const tier = TIERS.includes(first) ? first : "default";
const filters = tier === "default" ? process.argv.slice(2) : others;
if (filters.some((word) => word === "--help" || word === "-h")) {
  process.stdout.write(USAGE);
  process.exit(0);
}

let passed = 0;
let failed = 0;

/** Runs commands side by side, none of which keeps two cores busy; what each says is shown when it has ended. */
async function steps(commands: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const started = Date.now();
  const one = async ([name, command]: readonly [string, readonly string[]]): Promise<void> => {
    const [file = "", ...args] = command;
    const child = spawn(file, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
    child.once("error", (error) => said.push(Buffer.from(`${error.message}\n`)));
    const status = await new Promise((resolve) => child.once("close", resolve));
    process.stdout.write(`\n== ${name}\n`);
    process.stdout.write(Buffer.concat(said));
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stdout.write(`== ${name}: ${status === 0 ? "ok" : "FAILED"} (${seconds} s)\n`);
    if (status === 0) passed += 1;
    else failed += 1;
  };
  await Promise.all(Object.entries(commands).map(one));
}

function vitest(project: string, env: Readonly<Record<string, string>> = {}): void {
  const folder = mkdtempSync(path.join(tmpdir(), "vitest-"));
  const report = path.join(folder, "report.json");
  process.stdout.write(`\n== ${project} tests\n`);
  const how = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const only = filters.length > 0 ? ["--passWithNoTests", ...filters] : [];
  const { status } = spawnSync("vitest", ["run", "--project", project, ...how, ...only], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  try {
    const counts = JSON.parse(readFileSync(report, "utf8")) as { numPassedTests: number; numFailedTests: number };
    passed += counts.numPassedTests;
    failed += counts.numFailedTests;
    // A test file that cannot be loaded is a failure that counts no test.
    if (status !== 0 && counts.numFailedTests === 0) failed += 1;
  } catch {
    failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

if (tier === "compat" && !process.env["ORIGINAL"]) {
  process.stderr.write(
    "test:compat runs against the original's programs: set ORIGINAL to a folder that holds sensu-backend, sensu-agent and sensuctl\n",
  );
  process.exit(1);
}
installDebianPackages();
const BUILD = { build: [process.execPath, "scripts/build.ts"] };
const STATIC = {
  "format and lint": ["biome", "check", "--error-on-warnings"],
  promises: ["oxlint", "--type-aware"],
  types: ["tsc", "-p", "."],
  "types of the page": ["tsc", "-p", "packages/web"],
};
await steps(tier === "default" && filters.length === 0 ? { ...STATIC, ...BUILD } : BUILD);
if (tier === "default") {
  vitest("unit");
  vitest("e2e");
} else if (tier === "long") {
  vitest("fuzz", { FUZZ_FACTOR: process.env["FUZZ_FACTOR"] ?? "50" });
  vitest("long");
} else {
  vitest("compat");
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
