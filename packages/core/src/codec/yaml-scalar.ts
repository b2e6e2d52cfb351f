/**
 * One text as YAML, with the quotes, escapes and line folds of the emitter that the original uses (go-yaml 2, itself
 * libyaml), because people compare and keep its output (C-52).
 */

/** Lines are folded at the first space after this column. */
const WIDTH = 80;

const WORDS = new Set(
  ["", "~"].concat(
    ...["y", "yes", "on", "n", "no", "off", "true", "false", "null"].map((word) => [
      word,
      word.toUpperCase(),
      word.charAt(0).toUpperCase() + word.slice(1),
    ]),
    ...[".inf", "+.inf", "-.inf", ".nan"].map((word) => [
      word,
      word.replace(/inf|nan/, (name) => name.toUpperCase()),
      word.replace("inf", "Inf").replace("nan", "NaN"),
    ]),
  ),
);
const GO_INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}([Tt]\d{1,2}:\d{1,2}:\d{1,2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}([.,]\d+)?)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const MAX_UINT64 = 2n ** 64n - 1n;

/** Whether the text without quotes would be read as something else than a text. */
function readsAsOther(text: string): boolean {
  if (WORDS.has(text) || BASE_60.test(text)) return true;
  if (/^\.\d/.test(text)) return /^\.\d+([eE][-+]?\d+)?$/.test(text);
  if (!/^[-+0-9]/.test(text)) return false;
  if (TIMESTAMP.test(text)) return true;
  const plain = text.replaceAll("_", "");
  if (FLOAT.test(plain)) return true;
  return GO_INTEGER.test(plain) && BigInt(unsigned(plain)) <= MAX_UINT64;
}

/** In a form that `BigInt` reads. */
function unsigned(integer: string): string {
  const digits = integer.replace(/^[-+]/, "");
  return /^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
}

interface Shape {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

function printable(code: number): boolean {
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code < 0xd800) ||
    (code >= 0xe000 && code < 0xfffe && code !== 0xfeff)
  );
}

const isBreak = (char: string | undefined): boolean => char !== undefined && /[\n\r\u0085\u2028\u2029]/.test(char);

/** Which styles can hold the text. */
function shapeOf(chars: readonly string[]): Shape {
  let indicators = /^(---|\.\.\.)/.test(chars.slice(0, 3).join(""));
  let special = false;
  let breaks = false;
  let breakSpace = false;
  let spaceBreak = false;
  chars.forEach((char, i) => {
    const previous = chars[i - 1];
    const next = chars[i + 1];
    const blankNext = next === undefined || next === " " || next === "\t";
    if (i === 0 && /[#,[\]{}&*!|>'"%@`]/.test(char)) indicators = true;
    if (i === 0 && /[?:-]/.test(char) && blankNext) indicators = true;
    if (i > 0 && char === ":" && blankNext) indicators = true;
    if (i > 0 && char === "#" && (previous === " " || previous === "\t" || isBreak(previous))) indicators = true;
    if (!printable(char.codePointAt(0) ?? 0)) special = true;
    if (char === " " && isBreak(previous)) breakSpace = true;
    if (isBreak(char)) {
      breaks = true;
      if (previous === " ") spaceBreak = true;
    }
  });
  const first = chars[0];
  const last = chars.at(-1);
  const edges = first === " " || last === " " || isBreak(first) || isBreak(last);
  const broken = spaceBreak || special;
  return {
    plain: !(edges || breakSpace || broken || breaks || indicators),
    single: !(breakSpace || broken),
    block: !(last === " " || broken),
  };
}

/** `column` is where the text begins, `indent` where its further lines do; a key is never folded. */
export function yamlScalar(text: string, column: number, indent: number, key = false): string {
  const chars = [...text];
  const shape = shapeOf(chars);
  const multiline = text.includes("\n");
  if (multiline && shape.block && !key) return literal(text, indent);
  // Unquoted, the key `<<` would merge.
  const quoted = multiline || readsAsOther(text) || (key && text === "<<");
  if (!quoted && shape.plain) return key ? text : folded(chars, column, indent, false);
  if (!quoted && shape.single) {
    const doubled = (char: string) => (char === "'" ? "''" : char);
    return `'${key ? chars.map(doubled).join("") : folded(chars, column + 1, indent, true, doubled)}'`;
  }
  return doubleQuoted(chars, column, indent, key);
}

function folded(
  chars: readonly string[],
  start: number,
  indent: number,
  insideOnly: boolean,
  write: (char: string) => string = (char) => char,
): string {
  let text = "";
  let column = start;
  chars.forEach((char, i) => {
    const inside = !insideOnly || (i > 0 && i < chars.length - 1);
    if (char === " " && chars[i - 1] !== " " && column > WIDTH && inside && chars[i + 1] !== " ") {
      text += `\n${" ".repeat(indent)}`;
      column = indent;
      return;
    }
    const written = write(char);
    text += written;
    column += written.length === 0 ? 0 : [...written].length;
  });
  return text;
}

function literal(text: string, indent: number): string {
  const hint = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? "2" : "";
  const ends = text.endsWith("\n");
  const chomp = !ends ? "-" : text === "\n" || isBreak(text.at(-2)) ? "+" : "";
  const lines = (ends ? text.slice(0, -1) : text).split("\n");
  const body = lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line)).join("\n");
  return `|${hint}${chomp}\n${body}`;
}

const ESCAPES: Readonly<Record<number, string>> = {
  0: "0",
  7: "a",
  8: "b",
  9: "t",
  10: "n",
  11: "v",
  12: "f",
  13: "r",
  27: "e",
  34: '"',
  92: "\\",
  133: "N",
  160: "_",
  8232: "L",
  8233: "P",
};

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (printable(code) && !isBreak(char) && char !== '"' && char !== "\\") return char;
  const short = ESCAPES[code];
  if (short !== undefined) return `\\${short}`;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

function doubleQuoted(chars: readonly string[], start: number, indent: number, key: boolean): string {
  let text = '"';
  let column = start + 1;
  let spaces = false;
  chars.forEach((char, i) => {
    if (char === " ") {
      if (!key && !spaces && column > WIDTH && i > 0 && i < chars.length - 1) {
        text += `\n${" ".repeat(indent)}${chars[i + 1] === " " ? "\\" : ""}`;
        column = indent + (chars[i + 1] === " " ? 1 : 0);
      } else {
        text += char;
        column++;
      }
      spaces = true;
      return;
    }
    const written = escaped(char);
    text += written;
    column += [...written].length;
    spaces = false;
  });
  return `${text}"`;
}
