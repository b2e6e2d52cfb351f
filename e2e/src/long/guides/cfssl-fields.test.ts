/**
 * Every field of S 1.4 for every kind of key: files of our `cfssl` beside those of Debian's, as OpenSSL shows them
 * (S-438, S-439). What differs from run to run (serial, key, signature, minute) is checked by its form.
 */
import { Machine, type Shell } from "@sensu-ts/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { comparableStructure, comparableText, showCommands } from "../../guides/openssl-text.ts";
import { AGENT, CA, FOLDER, PROFILES } from "../../guides/seed-000.ts";

interface Side {
  readonly machine: Machine;
  readonly shell: Shell;
}

let ours: Side;
let genuine: Side;

beforeAll(async () => {
  const login = async (): Promise<Side> => {
    const machine = await Machine.start();
    return { machine, shell: machine.login() };
  };
  [ours, genuine] = await Promise.all([login(), login()]);
  await ours.shell.done("sensu-pki names install; hash -r");
});

afterAll(async () => {
  for (const side of [ours, genuine]) {
    await side?.shell[Symbol.asyncDispose]();
    await side?.machine[Symbol.asyncDispose]();
  }
});

const FULL_PROFILE = `{"signing":{"default":{"expiry":"24h","usages":["signing","key encipherment","key agreement","data encipherment","server auth","code signing","crl sign","email protection","any"],"ocsp_url":"http://o.test","issuer_urls":["http://i.test/a","http://i.test/b"],"crl_url":"http://c.test/crl"},"profiles":{"sub":{"usages":["cert sign"],"expiry":"3h","backdate":"1h","ca_constraint":{"is_ca":true,"max_path_len":1}},"zero":{"usages":["cert sign","crl sign","ocsp signing","timestamping"],"expiry":"1h","ca_constraint":{"is_ca":true,"max_path_len":0,"max_path_len_zero":true}},"far":{"usages":["client auth"],"expiry":"24h","not_before":"2049-12-31T23:00:00Z","not_after":"2050-02-01T00:00:00Z"}}}}`;

/** Large RSA keys take seconds: one CA and one leaf of each size are enough. */
function script(algo: string, size: number): string {
  const json = `{"algo":"${algo}","size":${size}}`;
  const quick = algo === "rsa" ? '{"algo":"ecdsa","size":256}' : json;
  return `mkdir -p /root/${algo}-${size}; cd /root/${algo}-${size}; exec 2>/dev/null
echo '${FULL_PROFILE}' > c.json
echo '{"CN":"C & A","key":${json},"names":[{"C":"US","ST":"CA","L":"SF","O":"Acme"},{"O":"Beta_1","OU":"x"}],"ca":{"expiry":"2000h","pathlen":2},"hosts":["a.b","10.1.1.1"]}' | cfssl gencert -initca - | cfssljson -bare ca
echo '{"CN":"leaf","key":${json},"names":[{"C":"DE"}],"hosts":["ignored"]}' | cfssl gencert -config c.json -ca ca.pem -ca-key ca-key.pem -hostname 'localhost,::1,1.2.3.4,,a b,*.x,x@y.z' - | cfssljson -bare leaf
echo '{"CN":"sub","key":${quick}}' | cfssl gencert -config c.json -profile sub -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare sub
echo '{"CN":"zero","key":${quick}}' | cfssl gencert -config c.json -profile zero -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare zero
echo '{"CN":"Zürich*","key":${quick},"serialnumber":"42"}' | cfssl gencert -config c.json -profile far -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare far
echo '{"key":${quick},"hosts":["only.host"]}' | cfssl gencert -ca ca.pem -ca-key ca-key.pem - | cfssljson -bare bare
cfssl sign -ca ca.pem -ca-key ca-key.pem -hostname signed.host leaf.csr | cfssljson -bare signed
cfssl gencert -renewca -ca ca.pem -ca-key ca-key.pem | cfssljson -bare renewed
head -qn1 leaf-key.pem bare-key.pem
ls`;
}

const KEYS = [
  ["rsa", 2048, "sha256With"],
  ["rsa", 3072, "sha384With"],
  ["rsa", 4096, "sha512With"],
  ["ecdsa", 256, "ecdsa-with-SHA256"],
  ["ecdsa", 384, "ecdsa-with-SHA384"],
  ["ecdsa", 521, "ecdsa-with-SHA512"],
] as const;

test.each(KEYS)(
  "%s %d: every certificate and request has the same fields",
  { timeout: 120_000 },
  async (algo, size, hash) => {
    const run = ({ machine }: Side) => machine.text(script(algo, size));
    const [mine, theirs] = await Promise.all([run(ours), run(genuine)]);
    expect(mine).toBe(theirs);
    const files = mine.split("\n").filter((name) => /^\w+\.(?:pem|csr)$/.test(name));
    expect(files).toHaveLength(15);
    const folder = `/root/${algo}-${size}`;
    const show = async ({ machine }: Side): Promise<string[]> => {
      const lines = files.flatMap((file) => showCommands(`${folder}/${file}`)).join("; echo ------\n");
      return (await machine.text(lines)).split("------\n");
    };
    const [seen, expected] = await Promise.all([show(ours), show(genuine)]);
    for (const [at, file] of files.entries()) {
      const compare = (shown: string[]) => ({
        file,
        text: comparableText(shown[2 * at] ?? ""),
        structure: comparableStructure(shown[2 * at + 1] ?? ""),
      });
      expect(compare(seen)).toEqual(compare(expected));
      expect(seen[2 * at]).toContain("Signature Algorithm: ");
      if (file === "ca.pem" || file === "leaf.pem") expect(seen[2 * at]).toContain(`Signature Algorithm: ${hash}`);
    }
    const leaf = seen[2 * files.indexOf("leaf.pem")] ?? "";
    // Twenty random bytes whose first bit is clear (S-35), the start on a full minute (S-38).
    expect(leaf).toMatch(/Serial Number:\n\s+[0-7][0-9a-f](?::[0-9a-f]{2}){19}\n/);
    expect(leaf).toMatch(/Not Before: .*:00 \d{4} GMT/);
    await ours.machine.text(
      `cd ${folder}; openssl verify -CAfile ca.pem leaf.pem sub.pem zero.pem bare.pem signed.pem`,
    );
  },
);

test("ed25519, which Debian's tool does not know: pure signature, PKCS#8 key, chain that OpenSSL accepts", async () => {
  const shown = await ours.machine.text(`${script("ed25519", 0)}
openssl verify -CAfile ca.pem leaf.pem sub.pem zero.pem bare.pem signed.pem
openssl x509 -noout -text -in leaf.pem`);
  expect(shown).toMatch(/^-----BEGIN PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n/);
  expect(shown.match(/Signature Algorithm: ED25519/g)).toHaveLength(2);
  expect(shown).toContain("Public Key Algorithm: ED25519");
});

test("SD-000-11 SD-000-12 ours and the genuine tool read what the other prints", async () => {
  await using machine = await Machine.start();
  await using shell = machine.login();
  await shell.done(`sensu-pki names install; hash -r; ${FOLDER.join("; ")}`);
  const mix = (lines: string, program: string) =>
    shell.done(lines.replaceAll(`| ${program} `, `| /usr/bin/${program} `));
  await mix(CA, "cfssljson");
  await shell.done(PROFILES);
  await mix(AGENT, "cfssl");
  expect(await shell.done("openssl verify -CAfile ca.pem agent.pem")).toBe("agent.pem: OK\n");
});
