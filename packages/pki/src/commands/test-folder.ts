/** A folder for `sensu-pki` in tests, with commands run in this process against a clock that tests may move. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type Certificate, readCertificate } from "../cert.ts";
import type { Io } from "../io.ts";
import { sensuPki } from "./sensu-pki.ts";

/** Set anew for each test; `folder` does not exist yet, what lies beside it goes away with it. */
export const place = { folder: "", now: new Date() };

beforeEach(() => {
  place.folder = path.join(mkdtempSync(path.join(tmpdir(), "pki-")), "tls");
  place.now = new Date();
});

afterEach(() => rmSync(path.dirname(place.folder), { recursive: true, force: true }));

export async function pki(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const io: Io = {
    out: (text) => {
      texts.out += text;
    },
    err: (text) => {
      texts.err += text;
    },
    input: async () => "",
    env: { SENSU_PKI_DIR: place.folder },
    now: () => place.now,
  };
  const code = await sensuPki(words, io);
  return { code, ...texts };
}

/** Its output; it must succeed without a word on stderr. */
export async function done(...words: string[]): Promise<string> {
  const result = await pki(...words);
  expect(result).toMatchObject({ code: 0, err: "" });
  return result.out;
}

export const file = (name: string): string => path.join(place.folder, name);
export const beside = (name: string): string => path.join(path.dirname(place.folder), name);
export const mode = (name: string): string => (statSync(file(name)).mode & 0o777).toString(8);
export const read = (name: string): Certificate => readCertificate(readFileSync(file(name), "utf8"));

export function openssl(...words: string[]): { status: number; text: string } {
  try {
    return { status: 0, text: execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { status, text: stdout + stderr };
  }
}
