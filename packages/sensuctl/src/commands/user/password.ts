/** Passwords are hashed here; the API stores the hash it is given (C-84). */
import { Failure } from "../../frame/failure.ts";

const COST = 10;
const SHORTEST = 8;

/** bcrypt with the prefix `$2a$`, which the original's backends know. */
export async function hashPassword(password: string): Promise<string> {
  const { default: bcrypt } = await import("bcryptjs");
  const salt = await bcrypt.genSalt(COST);
  return bcrypt.hash(password, salt.replace(/^\$2b\$/, "$2a$"));
}

export function requireLength(password: string): void {
  if (Buffer.byteLength(password) < SHORTEST) throw new Failure("password length must be at least 8 characters");
}
