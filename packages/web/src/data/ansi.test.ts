import { expect, test } from "vitest";
import { parseAnsi } from "./ansi.ts";

const ESC = "\u001b";

test("text without escapes is one run, markup stays text", () => {
  expect(parseAnsi("<b>x</b>\nnext\tline")).toEqual([{ text: "<b>x</b>\nnext\tline", style: {} }]);
});

test("colours, weight and reset", () => {
  expect(parseAnsi(`${ESC}[1;31mdisk${ESC}[0m ok`)).toEqual([
    { text: "disk", style: { bold: true, color: 1 } },
    { text: " ok", style: {} },
  ]);
  expect(parseAnsi(`${ESC}[31mred${ESC}[mplain`)[1]).toEqual({ text: "plain", style: {} });
  expect(parseAnsi(`${ESC}[93;104mx`)[0]?.style).toEqual({ color: 11, background: 12 });
  expect(parseAnsi(`${ESC}[1;4mx${ESC}[22my`)[1]?.style).toEqual({ underline: true });
});

test("256 colours and 24 bit, also with colons; what follows still counts", () => {
  expect(parseAnsi(`${ESC}[38;5;196mx`)[0]?.style).toEqual({ color: "#ff0000" });
  expect(parseAnsi(`${ESC}[38;5;9mx`)[0]?.style).toEqual({ color: 9 });
  expect(parseAnsi(`${ESC}[48;5;244mx`)[0]?.style).toEqual({ background: "#808080" });
  expect(parseAnsi(`${ESC}[38;2;1;2;300;1mx`)[0]?.style).toEqual({ color: "#0102ff", bold: true });
  expect(parseAnsi(`${ESC}[38:5:196mx`)[0]?.style).toEqual({ color: "#ff0000" });
});

test("other sequences vanish: cursor, titles, links, clear, lone escapes and control characters", () => {
  const text = `a${ESC}[2Jb${ESC}]0;title\u0007c${ESC}]8;;javascript:alert(1)${ESC}\\link${ESC}]8;;${ESC}\\d${ESC}[?25le\u0000f${ESC}`;
  expect(
    parseAnsi(text)
      .map((run) => run.text)
      .join(""),
  ).toBe("abclinkdef");
});

test("an unfinished sequence at the end never shows as text of another kind", () => {
  for (const text of [`x${ESC}]0;never ends`, `x${ESC}[38;5;`, `x${ESC}[`]) {
    expect(
      parseAnsi(text)
        .map((run) => run.text)
        .join(""),
    ).toBe("x");
  }
});

test("a sequence of two hundred thousand parameters does not stop the browser", () => {
  expect(parseAnsi(`${ESC}[${"38;5;1;".repeat(70_000)}mx`).map((run) => run.text)).toEqual(["x"]);
});
