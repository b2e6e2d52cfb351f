/** Every shell line of docs/guides/generate-certificates.md, in order, in a home and a folder of its own. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";

const guide = path.join(import.meta.dirname, "../../../docs/guides/generate-certificates.md");

test("the guide's lines run as printed and leave what the guide says", { timeout: 120_000 }, () => {
  const root = mkdtempSync(path.join(tmpdir(), "pki-guide-"));
  try {
    const bin = path.join(root, "bin");
    const tls = path.join(root, "tls");
    mkdirSync(bin);
    const main = path.join(import.meta.dirname, "main.ts");
    writeFileSync(path.join(bin, "sensu-pki"), `#!/bin/sh\nexec '${process.execPath}' '${main}' sensu-pki "$@"\n`);
    chmodSync(path.join(bin, "sensu-pki"), 0o755);
    const blocks = [...readFileSync(guide, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
      ([, lines = ""]) => lines,
    );
    expect(blocks.length).toBeGreaterThan(10);
    const home = path.join(root, "home");
    mkdirSync(home);
    const env = { ...process.env, HOME: home, SENSU_PKI_DIR: tls, PATH: `${bin}:${process.env["PATH"]}` };
    const script = ["set -euo pipefail", ...blocks].join("\n").replaceAll("/etc/sensu/tls", tls);
    const out = execFileSync("bash", ["-c", script], {
      cwd: root,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(out).toContain("OK: 6 certificates");
    expect(out).toContain("update-ca-certificates");
    const verify = (ca: string, ...files: string[]): string =>
      execFileSync("openssl", ["verify", "-CAfile", ca, ...files], { encoding: "utf8" });
    const backends = [1, 2, 3].map((n) => `${tls}/backend-${n}.example.com.pem`);
    expect(
      verify(`${tls}/ca.pem`, ...backends, `${tls}/agent.pem`, `${tls}/h1.example.com.pem`).match(/: OK/g),
    ).toHaveLength(5);
    expect(verify(`${home}/ca.pem`, `${home}/agent.pem`)).toContain("OK");
    expect(existsSync(`${tls}/ca.crl`)).toBe(true);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
