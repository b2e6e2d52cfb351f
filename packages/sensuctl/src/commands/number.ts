/** Numbers given as text. */
import type { Int64 } from "@sensu-ts/core";
import { Failure } from "../frame/failure.ts";

/** What is no whole number counts as 0 (C-72). */
export function wholeOrZero(text: string): number {
  return /^[-+]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : 0;
}

export function unsigned32(text: string): number {
  if (!/^\d+$/.test(text)) throw bad("ParseUint", text, "invalid syntax");
  if (Number(text) > 0xffff_ffff) throw bad("ParseUint", text, "value out of range");
  return Number(text);
}

export function signed64(text: string): Int64 {
  if (!/^[-+]?\d+$/.test(text)) throw bad("ParseInt", text, "invalid syntax");
  const value = BigInt(text.replace(/^\+/, ""));
  if (BigInt.asIntN(64, value) !== value) throw bad("ParseInt", text, "value out of range");
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

export function truth(text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw bad("ParseBool", text, "invalid syntax");
}

function bad(parser: string, text: string, why: string): Failure {
  return new Failure(`strconv.${parser}: parsing ${JSON.stringify(text)}: ${why}`);
}
