/** Rules of passwords in user resources (S-190 to S-195, R-86). */
import { invalid, type User } from "@sensu-ts/core";
import type { Bcrypt } from "../access/authenticate/bcrypt.ts";

const MIN_BYTES = 8;
/** bcrypt ignores what is beyond. */
const MAX_BYTES = 72;

/** The user as stored: the hash in both fields. Throws `invalid`. */
export async function withStoredPassword(user: User, bcrypt: Bcrypt): Promise<User> {
  const { password, password_hash: given } = user;
  if (password === "" && given === "") throw invalid("a password or its hash is required");
  if (given === "") return withHash(user, await hashNew(password, bcrypt));
  if (password !== "" && !(await bcrypt.matches(password, given))) {
    throw invalid("hashed password does not the match the cleartext password, only one of those should be provided");
  }
  return withHash(user, given);
}

/** Checks the rules for clear texts and hashes. Throws `invalid`. */
export async function hashNew(password: string, bcrypt: Bcrypt): Promise<string> {
  const bytes = Buffer.byteLength(password);
  if (bytes === 0) throw invalid("password can't be empty");
  if (bytes < MIN_BYTES) throw invalid("password length must be at least 8 characters");
  if (bytes > MAX_BYTES) throw invalid("password length must be at most 72 bytes");
  return bcrypt.hash(password);
}

export function withHash(user: User, hash: string): User {
  return { ...user, password: hash, password_hash: hash };
}

/** As answered: no trace of the password (S-191). */
export function withoutPassword(user: User): User {
  return { ...user, password: "", password_hash: "" };
}
