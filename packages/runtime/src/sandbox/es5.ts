/**
 * What the original's engine cannot parse although ours can (P-116): syntax after ECMAScript 5, and patterns that RE2
 * does not know.
 */
import { type Options, Parser, type Position } from "acorn";

/** The state in which acorn looks at a pattern; its types leave it out. */
interface PatternState {
  readonly source: string;
  readonly start: number;
}

interface Internals {
  raise(position: number, message: string): never;
}

const BEYOND_RE2 = [
  { part: /^\(\?<?[=!]/, name: "look-around" },
  { part: /^\\[1-9]/, name: "a back-reference" },
  { part: /^\[\^?\]/, name: "an empty class" },
];

const Es5Parser = Parser.extend((Base) => {
  // What RE2 has and JavaScript lacks is no fault, so patterns are judged by other rules than acorn's.
  class WithPatterns extends (Base as unknown as new (options: Options, input: string, from?: number) => Internals) {
    validateRegExpFlags(): void {}

    /** Left as it is, the error of the engine; acorn would make it one of the code. */
    catchStackOverflow<T>(parse: () => T): T {
      return parse();
    }

    validateRegExpPattern({ source, start }: PatternState): void {
      const beyond = beyondRe2(source);
      if (beyond !== undefined) this.raise(start, `RE2 does not know ${beyond}`);
    }
  }
  return WithPatterns as unknown as typeof Parser;
});

/**
 * Why the code is too new, with line and column from 1; undefined when it is not. `body` is code of a function. Only for
 * code that our engine can parse: what it says of other code is about that code's faults.
 */
export function newerThanEs5(code: string, form: "program" | "body"): string | undefined {
  try {
    Es5Parser.parse(code, { ecmaVersion: 5, allowReturnOutsideFunction: form === "body" });
    return undefined;
  } catch (error) {
    // Deeper nested than this parser can follow: nothing is known.
    if (!(error instanceof SyntaxError)) return undefined;
    const { loc } = error as SyntaxError & { readonly loc?: Position };
    const text = error.message.replace(/ \(\d+:\d+\)$/, "");
    return loc === undefined ? text : `${text}, line ${loc.line}, column ${loc.column + 1}`;
  }
}

function beyondRe2(pattern: string): string | undefined {
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at, at + 4);
    const found = inClass ? undefined : BEYOND_RE2.find(({ part }) => part.test(rest));
    if (found !== undefined) return found.name;
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "[") inClass = true;
    else if (pattern[at] === "]") inClass = false;
  }
  return undefined;
}
