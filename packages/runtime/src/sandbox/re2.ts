/**
 * Regular expressions of the original are RE2 (P-117). What existing filters use of it and JavaScript lacks is
 * rewritten: inline flags, `(?P<name>…)`, POSIX classes, `\A` and `\z`. An inline flag inside a pattern holds for all
 * of it. This file's functions also run inside the sandbox, so they are plain and refer to nothing outside.
 */

/** Pattern and flags of JavaScript for those of RE2. */
export function translatePattern(source: string, givenFlags: string): { source: string; flags: string } {
  const classes: Record<string, string> = {
    alnum: "0-9A-Za-z",
    alpha: "A-Za-z",
    ascii: "\\x00-\\x7F",
    blank: "\\t ",
    cntrl: "\\x00-\\x1F\\x7F",
    digit: "0-9",
    graph: "!-~",
    lower: "a-z",
    print: " -~",
    punct: "!-\\/:-@\\[-`{-~",
    space: "\\t\\n\\v\\f\\r ",
    upper: "A-Z",
    word: "0-9A-Za-z_",
    xdigit: "0-9A-Fa-f",
  };
  let flags = givenFlags;
  let result = "";
  let inClass = false;
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at);
    if (source[at] === "\\") {
      const escaped = source.slice(at, at + 2);
      result += inClass ? escaped : escaped === "\\A" ? "^" : escaped === "\\z" ? "$" : escaped;
      at += 2;
    } else if (inClass) {
      const match = /^\[:([a-z]+):\]/.exec(rest);
      const expansion = match === null ? undefined : classes[match[1] as string];
      if (match !== null && expansion !== undefined) {
        result += expansion;
        at += match[0].length;
      } else {
        if (source[at] === "]") inClass = false;
        result += source[at++];
      }
    } else if (source[at] === "[") {
      inClass = true;
      result += "[";
      at++;
      if (source[at] === "^") {
        result += "^";
        at++;
      }
      // A bracket right after the opening one is a member.
      if (source[at] === "]") {
        result += "\\]";
        at++;
      }
    } else if (rest.startsWith("(?P<")) {
      result += "(?<";
      at += 4;
    } else if (/^\(\?[imsU-]+[:)]/.test(rest)) {
      const end = rest.search(/[:)]/);
      const added = rest.slice(2, end).split("-")[0] as string;
      for (const flag of added.replace("U", "")) if (!flags.includes(flag)) flags += flag;
      if (rest[end] === ":") result += "(?:";
      at += end + 1;
    } else result += source[at++];
  }
  return { source: result === "" ? "(?:)" : result, flags };
}

/** A slash after one of these begins a pattern; after anything else it divides. */
const BEFORE_PATTERN =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|instanceof|else|do))\s*$/;
const SKIPPED = /^(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*.*?\*\/)/s;
const PATTERN = /^\/((?:[^/\\[\n]|\\.|\[\^?\]?(?:\[:[a-z]+:\]|[^\]\\\n]|\\.)*\])+)\/([a-z]*)/;

/** The code with its pattern literals translated; everything else, and every line's number, stays. */
export function translatePatterns(code: string): string {
  if (!code.includes("/")) return code;
  let result = "";
  // Comments do not count when a slash is told apart.
  let before = "";
  for (let at = 0; at < code.length; ) {
    const rest = code.slice(at);
    const skipped = SKIPPED.exec(rest);
    if (skipped !== null) {
      result += skipped[0];
      if (skipped[0][0] !== "/") before = '"';
      at += skipped[0].length;
      continue;
    }
    const literal = code[at] === "/" && BEFORE_PATTERN.test(before) ? PATTERN.exec(rest) : null;
    if (literal !== null) {
      const { source, flags } = translatePattern(literal[1] as string, literal[2] as string);
      result += `/${source}/${flags}`;
      before = '"';
      at += literal[0].length;
      continue;
    }
    const character = code[at++] as string;
    result += character;
    before = (before + character).slice(-20);
  }
  return result;
}

/** Makes `RegExp` of the sandbox, and texts given to `match` and `search`, take RE2's patterns. */
export const RE2_PRELUDE = `
(function (global) {
  var translate = ${translatePattern.toString()};
  var Native = global.RegExp;
  function RegExp(source, flags) {
    if (source instanceof Native) return flags === undefined ? new Native(source) : new Native(source, flags);
    var both = translate(source === undefined ? "" : String(source), flags === undefined ? "" : String(flags));
    return new Native(both.source, both.flags);
  }
  RegExp.prototype = Native.prototype;
  Native.prototype.constructor = RegExp;
  Object.defineProperty(global, "RegExp", { value: RegExp, writable: true, configurable: true });
  ["match", "search"].forEach(function (name) {
    var native = String.prototype[name];
    Object.defineProperty(String.prototype, name, {
      writable: true,
      configurable: true,
      value: function (pattern) {
        return native.call(this, typeof pattern === "string" ? new RegExp(pattern) : pattern);
      }
    });
  });
})(this);
`;
