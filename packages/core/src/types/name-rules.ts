/** Name rules of all types: R-42. Texts are the original's; callers put what is named in front. */
import { invalid } from "../errors.ts";

const RULES = {
  name: /^[\w.\-:]+$/,
  subscription: /^[\w.-]+(:?[\w.-]+)?$/,
  strict: /^[a-z0-9_.-]+$/,
};
const ASSET_NAME = /^[\w/.\-:]+$/;

/** Throws `SensuError("invalid")`: `<what> must not be empty`. */
export function validateName(what: string, name: string, rule: keyof typeof RULES = "name"): void {
  if (name === "") throw invalid(`${what} must not be empty`);
  // `$` also stands before a newline at the end in the original's language, never in this one.
  if (!RULES[rule].test(name)) throw invalid(`${what} cannot contain spaces or special characters`);
}

export function validateAssetName(name: string, before = ""): void {
  if (name === "") throw invalid(`${before}name cannot be empty`);
  if (!ASSET_NAME.test(name)) {
    throw invalid(`${before}name may only contain letters, forward slashes, underscores, dashes and numbers`);
  }
}

export function requireNamespace(namespace: string, text = "namespace must be set"): void {
  if (namespace === "") throw invalid(text);
}

/** Runs a rule and puts words in front of the text of what it throws. */
export function within(before: string, rule: () => void): void {
  try {
    rule();
  } catch (cause) {
    throw invalid(`${before}${(cause as Error).message}`, cause);
  }
}
