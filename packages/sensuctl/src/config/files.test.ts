import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfig, writeCluster, writeProfile, writeTokens } from "./files.ts";

const root = mkdtempSync(path.join(tmpdir(), "sensuctl-config-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const TOKENS = { access_token: "a", expires_at: 5, refresh_token: "r" };
const CLUSTER = {
  apiUrl: "http://h:8080",
  trustedCaFile: "",
  insecureSkipTlsVerify: false,
  certFile: "",
  keyFile: "",
  apiKey: "",
  timeoutMs: 15_000,
};

test("the files are those of the original, readable by their owner only", () => {
  const folder = path.join(root, "new", "folder");
  writeCluster(folder, CLUSTER);
  writeProfile(folder, { format: "yaml", namespace: "qa" });
  expect(readFileSync(path.join(folder, "profile"), "utf8")).toBe('{\n  "format": "yaml",\n  "namespace": "qa"\n}');
  writeTokens(folder, TOKENS);
  expect(readFileSync(path.join(folder, "cluster"), "utf8")).toBe(`{
  "api-url": "http://h:8080",
  "trusted-ca-file": "",
  "insecure-skip-tls-verify": false,
  "access_token": "a",
  "expires_at": 5,
  "refresh_token": "r",
  "APIKey": "",
  "timeout": 15000000000
}`);
  expect(statSync(path.join(folder, "cluster")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).sort()).toEqual(["cluster", "profile"]);
  expect(readConfig(folder)).toEqual({
    cluster: { ...CLUSTER, tokens: TOKENS },
    profile: { format: "yaml", namespace: "qa" },
  });
});

test("a file that is a link stays one", () => {
  const folder = path.join(root, "linked");
  writeFileSync(path.join(root, "elsewhere"), "{}");
  mkdirSync(folder);
  symlinkSync(path.join(root, "elsewhere"), path.join(folder, "profile"));
  writeProfile(folder, { format: "json", namespace: "" });
  expect(lstatSync(path.join(folder, "profile")).isSymbolicLink()).toBe(true);
  expect(readFileSync(path.join(root, "elsewhere"), "utf8")).toContain('"format": "json"');
});

test.each([
  ["/proc/sensuctl", "mkdir /proc/sensuctl: no such file or directory"],
  [path.join(root, "file", "below"), `mkdir ${path.join(root, "file", "below")}: not a directory`],
  [path.join(root, "taken"), `open ${path.join(root, "taken", "profile")}: is a directory`],
])("a folder that cannot hold the files is told: %s", (folder, message) => {
  writeFileSync(path.join(root, "file"), "");
  mkdirSync(path.join(root, "taken", "profile"), { recursive: true });
  expect(() => writeProfile(folder, { format: "json", namespace: "" })).toThrow(message);
});

test("S-157: a client pair outlives new tokens", () => {
  const folder = path.join(root, "pair");
  const cluster = { ...CLUSTER, certFile: "/tls/me.pem", keyFile: "/tls/me-key.pem" };
  writeCluster(folder, cluster);
  writeTokens(folder, TOKENS);
  expect(readConfig(folder).cluster).toEqual({ ...cluster, tokens: TOKENS });
});

test("either file may hold any key, the cluster file wins; what cannot be read is empty", () => {
  const folder = mkdtempSync(path.join(root, "mixed-"));
  writeFileSync(path.join(folder, "profile"), '{"api-url":"http://p","APIKey":"k","timeout":1000000000}');
  writeFileSync(path.join(folder, "cluster"), '{"api-url":"http://c","namespace":"n","format":7}');
  expect(readConfig(folder)).toMatchObject({
    cluster: { apiUrl: "http://c", apiKey: "k", timeoutMs: 1000 },
    profile: { namespace: "n", format: "" },
  });
  writeFileSync(path.join(folder, "profile"), '{"Format":"json","NAMESPACE":"qa","apikey":"k2"}');
  expect(readConfig(folder)).toMatchObject({ cluster: { apiKey: "k2" }, profile: { namespace: "n", format: "" } });
  writeFileSync(path.join(folder, "profile"), '{"api-url":"http://p"}');
  writeFileSync(path.join(folder, "cluster"), "{");
  expect(readConfig(folder).cluster.apiUrl).toBe("http://p");
  expect(readConfig(path.join(folder, "none")).cluster.tokens).toBeUndefined();
});
