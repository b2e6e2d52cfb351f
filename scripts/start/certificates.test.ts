import { createPrivateKey, X509Certificate } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";
import { type Certificates, type Pair, prepareCertificates } from "./certificates.ts";

const belongTogether = ({ cert, key }: Pair) =>
  new X509Certificate(readFileSync(cert)).checkPrivateKey(createPrivateKey(readFileSync(key)));

/** What a process leaves that is killed between two files. */
const CUT_SHORT: readonly (readonly [string, (made: Certificates, other: Certificates) => void])[] = [
  [
    "the CA's key without the CA",
    ({ folder, ca, backend, agent }) => {
      for (const file of [ca, backend.cert, backend.key, agent.cert, agent.key, path.join(folder, "index.json")])
        rmSync(file);
    },
  ],
  ["the backend's key without its certificate", ({ backend }) => rmSync(backend.cert)],
  ["the backend's new key beside its old certificate", ({ backend }, other) => cpSync(other.backend.key, backend.key)],
  ["the agent's key without its certificate", ({ agent }) => rmSync(agent.cert)],
];

test.each(CUT_SHORT)("the next start goes on after %s", async (_, cut) => {
  using folder = temporaryFolder();
  using another = temporaryFolder();
  const made = await prepareCertificates(folder.path, "127.0.0.1");
  cut(made, await prepareCertificates(another.path, "127.0.0.1"));
  const { ca, crl, backend, agent } = await prepareCertificates(folder.path, "127.0.0.1");
  expect([belongTogether(backend), belongTogether(agent), existsSync(crl)]).toEqual([true, true, true]);
  const authority = new X509Certificate(readFileSync(ca));
  for (const { cert } of [backend, agent])
    expect(new X509Certificate(readFileSync(cert)).verify(authority.publicKey)).toBe(true);
});
