/**
 * `tls`: what one full handshake costs the server, ours beside a bare Node TLS server, for RSA-2048 and P-256, with and
 * without a client certificate. The clients are OpenSSL's own, so that they leave most of the machine to the server.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { type KeyKind, Program, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { type MtlsFiles, writeMtlsFiles } from "./mtls-files.ts";
import { cpuSeconds } from "./proc.ts";

const CLIENTS = 3;
const ROUNDS = 3;
const KEYS: readonly KeyKind[] = ["rsa2048", "p256"];

interface Rate {
  readonly perSecond: number;
  /** Of the server, all threads, microseconds. */
  readonly cpu: number;
}

/** Full handshakes of `CLIENTS` processes for `seconds`. */
async function shakeHands(
  address: string,
  pid: number,
  files: MtlsFiles,
  mutual: boolean,
  seconds: number,
): Promise<Rate> {
  const own = mutual ? ["-cert", files.clientCert, "-key", files.clientKey] : [];
  const before = cpuSeconds(pid);
  const began = performance.now();
  const runs = Array.from({ length: CLIENTS }, async () => {
    const args = ["s_time", "-connect", address, "-new", "-time", String(seconds), "-CAfile", files.ca, ...own];
    const { stdout } = await promisify(execFile)("openssl", args);
    return Number(/^(\d+) connections in \d+ real seconds/m.exec(stdout)?.[1] ?? 0);
  });
  const count = (await Promise.all(runs)).reduce((sum, one) => sum + one, 0);
  const elapsed = (performance.now() - began) / 1000;
  return { perSecond: count / elapsed, cpu: ((cpuSeconds(pid) - before) * 1e6) / Math.max(count, 1) };
}

async function withFloor<T>(
  files: MtlsFiles,
  mutual: boolean,
  use: (address: string, pid: number) => Promise<T>,
): Promise<T> {
  const script = path.join(import.meta.dirname, "handshakes-floor.ts");
  const own = ["--cert", files.serverCert, "--key", files.serverKey, ...(mutual ? ["--ca", files.ca] : [])];
  await using floor = new Program([process.execPath, script, ...own]);
  const [, port] = await floor.waitForLine(/"port":(\d+)/);
  return await use(`127.0.0.1:${port}`, floor.pid);
}

/** The best of several rounds: what else runs on the machine only ever makes them slower. */
function best(rounds: readonly Rate[]): Rate {
  return {
    perSecond: Math.max(...rounds.map(({ perSecond }) => perSecond)),
    cpu: Math.min(...rounds.map(({ cpu }) => cpu)),
  };
}

/** Rows of a table: one a key kind and port. `seconds` each. */
export async function measureHandshakes(seconds: number): Promise<Record<string, Record<string, number>>> {
  const roundSeconds = Math.max(1, Math.round(seconds / ROUNDS));
  const table: Record<string, Record<string, number>> = {};
  for (const key of KEYS) {
    using folder = temporaryFolder();
    const files = writeMtlsFiles(folder.path, key);
    const backend = await startBackend({
      stateDir: path.join(folder.path, "state"),
      args: ["--cert-file", files.serverCert, "--key-file", files.serverKey, ...files.agentAuthArgs],
    });
    try {
      for (const [name, mutual, url] of [
        ["API", false, backend.api],
        ["agents by certificate", true, backend.agents],
      ] as const) {
        const floors: Rate[] = [];
        const ours: Rate[] = [];
        const shake = (address: string, pid: number) => shakeHands(address, pid, files, mutual, roundSeconds);
        await withFloor(files, mutual, async (address, pid) => {
          for (let round = 0; round < ROUNDS; round++) {
            floors.push(await shake(address, pid));
            ours.push(await shake(new URL(url).host, backend.program.pid));
          }
        });
        const [floor, backendRate] = [best(floors), best(ours)];
        table[`${key}, ${name}`] = {
          "floor, a second": Math.round(floor.perSecond),
          "backend, a second": Math.round(backendRate.perSecond),
          ratio: Number((backendRate.perSecond / floor.perSecond).toFixed(2)),
          "floor CPU, us": Math.round(floor.cpu),
          "backend CPU, us": Math.round(backendRate.cpu),
          "CPU ratio": Number((floor.cpu / backendRate.cpu).toFixed(2)),
        };
      }
    } finally {
      await backend.program.stop();
    }
  }
  return table;
}
