import { User } from "@sensu-ts/core";
import { hashSync } from "bcryptjs";
import { afterEach, expect, test } from "vitest";
import { silentLog } from "../../observe/silent-log.ts";
import { BasicAuthenticator, type Users } from "./basic.ts";
import { Bcrypt } from "./bcrypt.ts";
import { Throttle } from "./throttle.ts";

/** Cheap hashes: cost 4 verifies like any other (S-190). */
const hash = (password: string) => hashSync(password, 4);

class KnownUsers implements Users {
  readonly #users = new Map<string, User>();
  readonly #listeners = new Set<(username: string) => void>();

  set(user: Partial<User> & { username: string }): void {
    this.#users.set(user.username, User.create(user));
    for (const listener of this.#listeners) listener(user.username);
  }
  get(username: string): User | undefined {
    return this.#users.get(username);
  }
  onChange(listener: (username: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

class CountingBcrypt extends Bcrypt {
  comparisons = 0;
  override matches(password: string, stored: string): Promise<boolean> {
    this.comparisons++;
    return super.matches(password, stored);
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function setup() {
  const users = new KnownUsers();
  const bcrypt = new CountingBcrypt({ threads: 1 });
  const waits: number[] = [];
  const clock = { ms: 1_000_000, now: () => clock.ms };
  const wait = async (ms: number) => {
    waits.push(ms);
    clock.ms += ms;
  };
  const throttle = new Throttle({ clock, wait });
  const basic = new BasicAuthenticator({ users, bcrypt, throttle, log: silentLog });
  await basic.start();
  stops.push(() => basic.stop());
  users.set({ username: "agent", password_hash: hash("P@ssw0rd!"), groups: ["system:agents"] });
  return { users, bcrypt, basic, waits };
}

test("the right password gives name and groups; wrong, unknown and disabled fail alike", async () => {
  const { basic, users } = await setup();
  expect(await basic.authenticate("agent", "P@ssw0rd!")).toEqual({
    username: "agent",
    groups: ["system:agents"],
    provider: { id: "basic", type: "", userId: "agent" },
    apiKey: false,
  });
  await expect(basic.authenticate("agent", "wrong")).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(basic.authenticate("nobody", "P@ssw0rd!")).rejects.toMatchObject({ code: "unauthenticated" });
  users.set({ username: "agent", password_hash: hash("P@ssw0rd!"), disabled: true });
  await expect(basic.authenticate("agent", "P@ssw0rd!")).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a thousand agents with one password cost one bcrypt, before and after it is known", async () => {
  const { basic, bcrypt } = await setup();
  const many = () => Promise.all(Array.from({ length: 1000 }, () => basic.authenticate("agent", "P@ssw0rd!")));
  await many();
  await many();
  expect(bcrypt.comparisons).toBe(1);
});

test("a changed password counts at once, the old one no longer", async () => {
  const { basic, users, bcrypt } = await setup();
  await basic.authenticate("agent", "P@ssw0rd!");
  users.set({ username: "agent", password_hash: hash("other-one") });
  await expect(basic.authenticate("agent", "P@ssw0rd!")).rejects.toMatchObject({ code: "unauthenticated" });
  await basic.authenticate("agent", "other-one");
  expect(bcrypt.comparisons).toBe(3);
});

test("unknown users cost a bcrypt too", async () => {
  const { basic, bcrypt } = await setup();
  await expect(basic.authenticate("nobody", "x")).rejects.toThrow();
  expect(bcrypt.comparisons).toBe(1);
});

test("a user whose password changes while it is checked is refused", async () => {
  const { basic, users } = await setup();
  const attempt = basic.authenticate("agent", "P@ssw0rd!");
  users.set({ username: "agent", password_hash: hash("other-one") });
  await expect(attempt).rejects.toMatchObject({ code: "unauthenticated" });
});

test("guessing gets slower, but a known password is never delayed and no one is locked out", async () => {
  const { basic, waits } = await setup();
  await basic.authenticate("agent", "P@ssw0rd!", "10.0.0.1");
  for (let i = 0; i < 9; i++) await expect(basic.authenticate("agent", `x${i}`, "10.0.0.1")).rejects.toThrow();
  expect(waits).toEqual([200, 400, 800, 1600]);
  await basic.authenticate("agent", "P@ssw0rd!", "10.0.0.1");
  await expect(basic.authenticate("agent", "y", "10.0.0.2")).rejects.toThrow();
  expect(waits).toHaveLength(4);
});

test("all versions of bcrypt hashes verify; what is no hash matches nothing (S-190)", async () => {
  const { bcrypt } = await setup();
  const made = await bcrypt.hash("longpass1");
  expect(made).toMatch(/^\$2a\$10\$.{53}$/);
  for (const version of ["2a", "2b", "2y"]) {
    expect(await bcrypt.matches("longpass1", made.replace("$2a$", `$${version}$`))).toBe(true);
  }
  expect(await bcrypt.matches("longpass1", "")).toBe(false);
  expect(await bcrypt.matches("longpass1", "longpass1")).toBe(false);
});

test("guessing the current password by way of changing it is slowed down like logins, and counts with them", async () => {
  const { basic, users, waits } = await setup();
  const user = users.get("agent") as User;
  for (let i = 0; i < 6; i++) expect(await basic.provePassword(user, `guess-${i}`, "10.0.0.1")).toBe(false);
  expect(waits).toEqual([200]);
  await expect(basic.authenticate("agent", "guess", "10.0.0.1")).rejects.toMatchObject({ code: "unauthenticated" });
  expect(waits).toHaveLength(2);
  expect(await basic.provePassword(user, "P@ssw0rd!", "10.0.0.1")).toBe(true);
  expect(await basic.provePassword(user, "P@ssw0rd!", "10.0.0.2")).toBe(true);
  expect(waits).toHaveLength(3);
});
