/** Users' JavaScript in resources: what cannot be parsed is refused when it is written (P-116). */
import { invalid } from "@sensu-ts/core";
import type { ScriptChecker } from "./ports.ts";

/** Throws `invalid` for the first expression that cannot be parsed. */
export async function requireParsable(scripts: ScriptChecker, expressions: readonly string[]): Promise<void> {
  for (const [i, expression] of expressions.entries()) {
    const error = await scripts.checkSyntax(expression);
    if (error !== undefined) throw invalid(`resource is invalid: syntax error in expression ${i}: ${error}`);
  }
}
