import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { testLog } from "../../observe/test-log.ts";
import { JwtKeys } from "./jwt-keys.ts";

const folder = mkdtempSync(path.join(tmpdir(), "jwt-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
const privateFile = path.join(folder, "private.pem");
const publicFile = path.join(folder, "public.pem");
const newPair = (namedCurve: string) =>
  generateKeyPairSync("ec", {
    namedCurve,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });

test("a new pair is taken once both files are there; half of it, the old one stays with one error (S-161, S-241)", async () => {
  const [first, second] = [newPair("prime256v1"), newPair("secp384r1")];
  writeFileSync(privateFile, first.privateKey, { mode: 0o600 });
  writeFileSync(publicFile, first.publicKey);
  const log = testLog();
  const keys = new JwtKeys({ privateFile, publicFile, strictPermissions: false, log, pollMs: 3_600_000 });
  expect(keys.read()).toMatchObject({ algorithm: "ES256" });
  const used: (string | undefined)[] = [];
  await keys.start(({ algorithm }) => used.push(algorithm));
  writeFileSync(privateFile, second.privateKey);
  await keys.reload();
  await keys.reload();
  expect(log.lines).toEqual([expect.stringContaining("error: token keys not reloaded, the present pair stays")]);
  writeFileSync(publicFile, second.publicKey);
  await keys.reload();
  await keys.reload();
  await keys.stop();
  expect(used).toEqual(["ES384"]);
  expect(log.lines).toHaveLength(2);
});

test("a missing file forbids the start in the original's words", () => {
  const missing = path.join(folder, "none.pem");
  const keys = new JwtKeys({ privateFile: missing, publicFile, strictPermissions: false, log: testLog() });
  expect(() => keys.read()).toThrow(
    `could not load the key pair for the JWT signature: open ${missing}: no such file or directory`,
  );
});

test("a private key that everybody can read is warned about, or refused (S-404)", async () => {
  const { privateKey, publicKey } = newPair("prime256v1");
  const open = path.join(folder, "open.pem");
  writeFileSync(open, privateKey);
  chmodSync(open, 0o644);
  writeFileSync(publicFile, publicKey);
  const log = testLog();
  const files = { privateFile: open, publicFile, log };
  const lenient = new JwtKeys({ ...files, strictPermissions: false });
  lenient.read();
  await lenient.start(() => undefined);
  await lenient.stop();
  expect(log.lines).toEqual([
    expect.stringMatching(/^warn: private key .*open\.pem is readable by everybody \(mode 0644/),
  ]);
  expect(() => new JwtKeys({ ...files, strictPermissions: true }).read()).toThrow("readable by everybody");
});
