/** Colours (C-54): only for a terminal, and text without them is the same. */
export interface Paint {
  title(text: string): string;
  primary(text: string): string;
  warning(text: string): string;
  error(text: string): string;
  callToAction(text: string): string;
  boolean(value: boolean): string;
}

const wrap = (code: string) => (text: string) => (text === "" ? "" : `\u001b[${code}m${text}\u001b[0m`);
const plain = (text: string) => text;

const YES = wrap("34");
const NO = wrap("31");
const COLOURED: Paint = {
  title: wrap("1;99"),
  primary: wrap("1;34"),
  warning: wrap("0;1;93"),
  error: wrap("0;1;31"),
  callToAction: wrap("0;1;31;107"),
  boolean: (value) => (value ? YES("true") : NO("false")),
};
const PLAIN: Paint = {
  title: plain,
  primary: plain,
  warning: plain,
  error: plain,
  callToAction: plain,
  boolean: String,
};

export function paintFor(colour: boolean): Paint {
  return colour ? COLOURED : PLAIN;
}
