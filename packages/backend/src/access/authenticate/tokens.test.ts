import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { User } from "@sensu-ts/core";
import { openSqlite } from "@sensu-ts/store";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, expect, test } from "vitest";
import { silentLog } from "../../observe/silent-log.ts";
import { basicIdentity } from "../identity.ts";
import type { Users } from "./basic.ts";
import { readKeyPair } from "./signing.ts";
import { type TokenOptions, Tokens } from "./tokens.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function openStore() {
  const folder = await mkdtemp(path.join(tmpdir(), "tokens-"));
  stops.push(() => rm(folder, { recursive: true }));
  const store = openSqlite({ folder });
  await store.start();
  stops.push(() => store.stop());
  return store;
}

async function setup(options: Partial<TokenOptions> = {}) {
  const kv = options.kv ?? (await openStore()).kv;
  const ann = { username: "ann", groups: ["ops"] };
  const known = new Map([["ann", User.create(ann)]]);
  const users: Users = { get: (name) => known.get(name), onChange: () => () => {} };
  const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
  const tokens = new Tokens({ kv, users, clock, log: silentLog, ...options });
  await tokens.start();
  stops.push(() => tokens.stop());
  const login = () => tokens.login(basicIdentity("ann", ["ops"]), "http://b1:8080");
  return { tokens, clock, kv, known, login, pass: (seconds: number) => (clock.ms += seconds * 1000) };
}

test("claims of both tokens (A-60, A-61)", async () => {
  const { login } = await setup();
  const pair = await login();
  expect(pair.expires_at).toBe(1_800_000_300);
  const access = decodeJwt(pair.access_token);
  expect(access).toEqual({
    sub: "ann",
    iss: "http://b1:8080",
    exp: 1_800_000_300,
    jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    groups: ["ops", "system:users"],
    provider: { provider_id: "basic", provider_type: "", user_id: "ann" },
    api_key: false,
    session_id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(decodeJwt(pair.refresh_token)).toEqual({
    sub: "ann",
    iat: 1_800_000_000,
    exp: 1_800_000_000 + 12 * 3600,
    jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    groups: null,
    provider: { provider_id: "", provider_type: "", user_id: "" },
    api_key: false,
    session_id: access["session_id"],
  });
});

test("an access token serves until it ends, a refresh token never does (S-231)", async () => {
  const { tokens, login, pass } = await setup();
  const pair = await login();
  expect(await tokens.authenticate(pair.access_token)).toMatchObject({
    username: "ann",
    groups: ["ops", "system:users"],
    apiKey: false,
  });
  await expect(tokens.authenticate(pair.refresh_token)).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(tokens.authenticate(`${pair.access_token}x`)).rejects.toMatchObject({ code: "unauthenticated" });
  pass(301);
  await expect(tokens.authenticate(pair.access_token)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a refresh late in its life gives a new pair with the user's groups as they are now (A-68, A-75)", async () => {
  const { tokens, login, pass, known } = await setup();
  const first = await login();
  pass(11 * 3600);
  known.set("ann", User.create({ username: "ann", groups: ["dev"] }));
  const second = await tokens.refresh(first.access_token, first.refresh_token, "http://b2:8080");
  expect(decodeJwt(second.access_token)).toMatchObject({
    iss: "http://b2:8080",
    groups: ["dev", "system:users"],
    session_id: decodeJwt(first.access_token)["session_id"],
  });
  pass(11 * 3600);
  await tokens.refresh(second.access_token, second.refresh_token, "http://b2:8080");
});

test("the same refresh token within 10 s gets the same pair; later it ends the session (A-67)", async () => {
  const { tokens, login, pass } = await setup();
  const first = await login();
  const refresh = () => tokens.refresh(first.access_token, first.refresh_token, "http://b1:8080");
  const racing = await Promise.all([refresh(), refresh(), refresh()]);
  expect(new Set(racing.map((pair) => pair.refresh_token)).size).toBe(1);
  pass(9);
  const [second] = racing;
  expect(await refresh()).toEqual(second);
  pass(2);
  await expect(refresh()).rejects.toMatchObject({ code: "invalid", message: "invalid access token" });
  const next = tokens.refresh(second?.access_token ?? "", second?.refresh_token ?? "", "http://b1:8080");
  await expect(next).rejects.toMatchObject({ code: "unauthenticated" });
});

test("logout ends access and refresh at once, on every backend of the cluster (S-230)", async () => {
  const store = await openStore();
  const one = await setup({ kv: store.kv });
  const two = await setup({ kv: store.kv });
  const pair = await one.login();
  const other = await one.login();
  const { username, sessionId } = await two.tokens.holder(pair.access_token);
  await two.tokens.logout(username, sessionId);
  await expect(two.tokens.authenticate(pair.access_token)).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(one.tokens.refresh(pair.access_token, pair.refresh_token, "http://b1")).rejects.toThrow();
  await expect
    .poll(() => one.tokens.authenticate(pair.access_token).catch((error) => error.code))
    .toBe("unauthenticated");
  await one.tokens.authenticate(other.access_token);
});

test("disabling ends everything; a password change spares the session it came from", async () => {
  const { tokens, login, known } = await setup();
  const [mine, other] = [await login(), await login()];
  const { sessionId } = await tokens.holder(mine.access_token);
  await tokens.endSessions("ann", sessionId);
  await tokens.authenticate(mine.access_token);
  await expect(tokens.authenticate(other.access_token)).rejects.toMatchObject({ code: "unauthenticated" });
  known.set("ann", User.create({ username: "ann", disabled: true }));
  await expect(tokens.authenticate(mine.access_token)).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(tokens.refresh(mine.access_token, mine.refresh_token, "http://b1")).rejects.toThrow();
});

test("ended sessions and revocations are swept", async () => {
  const { tokens, login, kv, pass } = await setup();
  const pair = await login();
  await login();
  const { username, sessionId } = await tokens.holder(pair.access_token);
  await tokens.logout(username, sessionId);
  pass(13 * 3600);
  await tokens.sweep();
  expect((await kv.range({ prefix: "/sensu.io/user_sessions/" })).entries).toEqual([]);
  expect((await kv.range({ prefix: "/sensu.io/authentication/revoked/" })).entries).toEqual([]);
});

const pem = (namedCurve: string) =>
  generateKeyPairSync("ec", {
    namedCurve,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
  });

test.each([
  ["prime256v1", "ES256"],
  ["secp384r1", "ES384"],
  ["secp521r1", "ES512"],
])(
  "a pair on %s signs %s, another cluster with the pair accepts it, and so are old HS256 tokens",
  async (curve, alg) => {
    const keys = pem(curve);
    const keyPair = readKeyPair(keys.privateKey, keys.publicKey);
    const one = await setup({ keyPair });
    const two = await setup({ keyPair });
    const pair = await one.login();
    expect(decodeProtectedHeader(pair.access_token)).toEqual({ alg, typ: "JWT" });
    expect(await two.tokens.authenticate(pair.access_token)).toMatchObject({ username: "ann" });
    const before = await setup({ kv: one.kv });
    await one.tokens.authenticate((await before.login()).access_token);
    await expect(two.tokens.authenticate((await before.login()).access_token)).rejects.toThrow();
  },
);

test("a pair that cannot serve is refused with its reason (S-241)", () => {
  const [one, two] = [pem("prime256v1"), pem("prime256v1")];
  expect(readKeyPair()).toEqual({});
  expect(readKeyPair(undefined, one.publicKey)).toMatchObject({ algorithm: "ES256" });
  const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  expect(readKeyPair(parameters + one.privateKey, one.publicKey)).toMatchObject({ algorithm: "ES256" });
  expect(() => readKeyPair(one.privateKey)).toThrow("a public key is required when specifying a private key");
  expect(() => readKeyPair(one.privateKey, two.publicKey)).toThrow("belongs to another");
  expect(() => readKeyPair(one.privateKey.slice(0, 60), one.publicKey)).toThrow("no usable private key");
  expect(() => readKeyPair(undefined, pem("secp256k1").publicKey)).toThrow("curve");
});

test("unsigned tokens and HS256 with the public key are refused (S-458)", async () => {
  const keys = pem("prime256v1");
  const { tokens, login } = await setup({ keyPair: readKeyPair(keys.privateKey, keys.publicKey) });
  const [, body] = (await login()).access_token.split(".");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  await expect(tokens.authenticate(`${none}.${body}.`)).rejects.toMatchObject({ code: "unauthenticated" });
  const { createHmac } = await import("node:crypto");
  const head = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");
  const signature = createHmac("sha256", keys.publicKey).update(`${head}.${body}`).digest("base64url");
  await expect(tokens.authenticate(`${head}.${body}.${signature}`)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a token of another cluster with the same keys is taken, and is none of this cluster's sessions", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = (key: typeof privateKey, type: "pkcs8" | "spki") => key.export({ type, format: "pem" }).toString();
  const keyPair = readKeyPair(pem(privateKey, "pkcs8"), pem(publicKey, "spki"));
  const [here, there] = [await setup({ keyPair }), await setup({ keyPair })];
  const [own, foreign] = [await here.login(), await there.login()];
  const shown = await here.tokens.authenticate(foreign.access_token);
  expect([shown.username, await here.tokens.issuedHere(shown)]).toEqual(["ann", false]);
  const mine = await here.tokens.authenticate(own.access_token);
  expect(await here.tokens.issuedHere(mine)).toBe(true);
  expect(await here.tokens.issuedHere({ ...mine, provider: { id: "corp", type: "ldap", userId: "ann" } })).toBe(false);
  await here.tokens.logout("ann", mine.sessionId ?? "");
  expect(await here.tokens.issuedHere(mine)).toBe(false);
});
