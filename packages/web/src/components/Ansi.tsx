import type { CSSProperties } from "react";
import { parseAnsi, type Run, type Style } from "../data/ansi.ts";

/** Check output with its colours; text is only ever text. */
export function Ansi({ text }: { text: string }) {
  return parseAnsi(text).map((run, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: runs have no identity but their place
    <Piece key={index} run={run} />
  ));
}

function Piece({ run }: { run: Run }) {
  if (Object.keys(run.style).length === 0) return run.text;
  const { classes, css } = look(run.style);
  return (
    <span className={classes} style={css}>
      {run.text}
    </span>
  );
}

function look(style: Style): { classes: string; css: CSSProperties } {
  const classes: string[] = [];
  for (const name of ["bold", "dim", "italic", "underline", "strike"] as const)
    if (style[name]) classes.push(`a-${name}`);
  const [front, back] = style.inverse ? [style.background, style.color] : [style.color, style.background];
  if (style.inverse && front === undefined && back === undefined) classes.push("a-inverse");
  const css: CSSProperties = {};
  if (typeof front === "number") classes.push(`a-fg${front}`);
  else if (front) css.color = front;
  if (typeof back === "number") classes.push(`a-bg${back}`);
  else if (back) css.backgroundColor = back;
  // A colour picked for a dark terminal is read on one.
  if (typeof front === "string" || typeof back === "string") classes.push("a-true");
  return { classes: classes.join(" "), css };
}
