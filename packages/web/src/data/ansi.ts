/**
 * Terminal colours of check output as plain data: text runs with a style, never markup (U-231). Every other escape
 * sequence is dropped, with its text when it is a title or link.
 */
export interface Style {
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
  /** Palette index 0 to 15, or `#rrggbb`. */
  readonly color?: number | string;
  readonly background?: number | string;
}

export interface Run {
  readonly text: string;
  readonly style: Style;
}

// CSI sequences, also one that the end of the text cuts; OSC, DCS, SOS, PM, APC strings up to their end; two-character escapes; lone control characters.
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
  /(?:\u001b\[|\u009b)([0-9;:?<=>]*)[ -/]*(?:([@-~])|$)|\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;

const ON: Readonly<Record<number, Style>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
};

export function parseAnsi(text: string): readonly Run[] {
  const runs: Run[] = [];
  let style: Style = {};
  let from = 0;
  const push = (part: string): void => {
    if (part !== "") runs.push({ text: part, style });
  };
  for (const match of text.matchAll(ESCAPES)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = select(style, match[1] ?? "");
  }
  push(text.slice(from));
  return runs;
}

/** What stands there without its colours. */
export function plainText(text: string): string {
  return parseAnsi(text)
    .map((run) => run.text)
    .join("");
}

/** More in one sequence say nothing new: terminals stop at 16 or 32. */
const MAX_PARAMETERS = 32;

function without(style: Style, ...keys: readonly (keyof Style)[]): Style {
  return Object.fromEntries(Object.entries(style).filter(([key]) => !keys.includes(key as keyof Style)));
}

/** Select graphic rendition: the parameters of one `ESC [ … m`. */
function select(style: Style, parameters: string): Style {
  if (!/^[0-9;:]*$/.test(parameters)) return style;
  const codes = parameters.split(/[;:]/, MAX_PARAMETERS).map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(i + 1));
      if (color !== undefined) next = { ...next, [code === 38 ? "color" : "background"]: color };
      i += used;
    } else next = single(next, code);
  }
  return next;
}

function single(style: Style, code: number): Style {
  const on = ON[code];
  if (on) return { ...style, ...on };
  if (code === 0) return {};
  if (code === 21 || code === 22) return without(style, "bold", "dim");
  if (code === 23) return without(style, "italic");
  if (code === 24) return without(style, "underline");
  if (code === 27) return without(style, "inverse");
  if (code === 29) return without(style, "strike");
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code === 39) return without(style, "color");
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code === 49) return without(style, "background");
  if (code >= 90 && code <= 97) return { ...style, color: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return style;
}

/** What follows 38 or 48: a colour and how many parameters it took. */
function extended(codes: readonly number[]): readonly [number | string | undefined, number] {
  if (codes[0] === 5) return [indexed(codes[1] ?? 0), 2];
  if (codes[0] === 2) return [rgb(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), 4];
  return [undefined, codes.length];
}

const CUBE = [0, 95, 135, 175, 215, 255];

function indexed(index: number): number | string | undefined {
  if (index < 16) return index;
  if (index > 255) return undefined;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const cube = index - 16;
  return rgb(CUBE[Math.floor(cube / 36)] ?? 0, CUBE[Math.floor(cube / 6) % 6] ?? 0, CUBE[cube % 6] ?? 0);
}

function rgb(...parts: readonly number[]): string {
  return `#${parts.map((part) => Math.min(255, part).toString(16).padStart(2, "0")).join("")}`;
}
