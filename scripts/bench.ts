/** `npm run bench [-- scenario ...]`: named scenarios against the bundles; each prints a table. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ADMIN, bundleCommand, run, startBackend } from "@sensu-ts/testing";
import { measureHandshakes } from "../bench/src/handshakes.ts";
import { measureLoop } from "../bench/src/loop.ts";
import { measurePage } from "../bench/src/page.ts";
import { measureStart } from "../bench/src/start.ts";

const root = path.dirname(import.meta.dirname);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "20000" },
    agents: { type: "string", default: "1000" },
    /** Of `loop`: runs a second asked for. */
    runs: { type: "string", default: "12000" },
    /** Of `page`: stored before it is looked at. */
    events: { type: "string", default: "50000" },
  },
});

function ingest(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [path.join(root, "bench/src/ingest/run.ts"), ...args], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`the scenario ended with ${status}`);
}

const load = ["--agents", options.agents, "--rate", options.rate, "--seconds", options.seconds];

const SCENARIOS: Readonly<Record<string, { readonly what: string; readonly run: () => void | Promise<void> }>> = {
  ingest: {
    what: "agents' events through the whole path with a page open, beside the least work Node can do for them (floor), and beside the original when ORIGINAL is set",
    run() {
      ingest(["--floor", ...load]);
      ingest(load);
      if (process.env["ORIGINAL"]) ingest(["--original", ...load]);
    },
  },
  connect: {
    what: "all agents connect at once, with a password and with a certificate (row: connect of all)",
    run() {
      for (const how of [[], ["--mtls"]]) ingest([...how, "--agents", options.agents, "--rate", "0", "--seconds", "2"]);
    },
  },
  memory: {
    what: "resident size of the backend with no agent, and with 5,000 idle ones",
    run: () => ingest(["--agents", "5000", "--rate", "0", "--seconds", "20"]),
  },
  tls: {
    what: "full handshakes beside a bare Node TLS server; ingest over mutual TLS beside plaintext; memory of idle sessions",
    async run() {
      console.table(await measureHandshakes(Math.min(Number(options.seconds), 10)));
      for (const how of [[], ["--mtls"]]) ingest([...how, ...load]);
      for (const how of [[], ["--mtls"]]) ingest([...how, "--agents", "5000", "--rate", "0", "--seconds", "20"]);
    },
  },
  loop: {
    what: "agents of one subscription answer checks of one second's interval",
    async run() {
      const agents = Number(options.agents);
      const checks = Math.round(Number(options["runs"]) / agents);
      console.table(await measureLoop(agents, checks, Number(options.seconds)));
    },
  },
  page: {
    what: "lists of the page with many events stored: the answer, and the rows drawn in a browser",
    async run() {
      console.table(await measurePage(Number(options["events"])));
    },
  },
  start: {
    what: "first useful output of sensuctl, against node -e 0",
    async run() {
      const folder = mkdtempSync(path.join(tmpdir(), "bench-start-"));
      const backend = await startBackend({ stateDir: path.join(folder, "state") });
      try {
        const configure = [
          "configure",
          "-n",
          "--url",
          backend.api,
          "--username",
          ADMIN.user,
          "--password",
          ADMIN.password,
        ];
        const env = { HOME: folder, XDG_CONFIG_HOME: folder };
        await run([...bundleCommand("sensuctl"), ...configure], { env });
        const timings = measureStart(folder);
        const base = timings[0]?.min ?? 1;
        console.table(
          Object.fromEntries(
            timings.map(({ name, min, median }) => [
              name,
              {
                "min ms": Math.round(min),
                "median ms": Math.round(median),
                "of node -e 0": Number((min / base).toFixed(2)),
              },
            ]),
          ),
        );
      } finally {
        await backend.program.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
};

for (const name of positionals.length > 0 ? positionals : Object.keys(SCENARIOS)) {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new Error(`no scenario ${name}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  process.stdout.write(`\n== ${name}: ${scenario.what}\n`);
  await scenario.run();
}
