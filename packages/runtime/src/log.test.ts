import { expect, test } from "vitest";
import { JsonLogger, parseLogLevel } from "./log.ts";

function lines(level: "warning" | "trace", milliseconds = false) {
  const out: string[] = [];
  const now = () => Date.UTC(2026, 10, 24, 10, 0, 0, 120);
  const log = new JsonLogger({ level, component: "backend", milliseconds, now, write: (line) => out.push(line) });
  return { out, log };
}

test("a line has sorted keys, the level words of the original and no millisecond part by default", () => {
  const { out, log } = lines("warning");
  log.warn({ address: "[::]:8080", component: "apid" }, "starting");
  expect(out).toEqual([
    '{"address":"[::]:8080","component":"apid","level":"warning","msg":"starting","time":"2026-11-24T10:00:00Z"}\n',
  ]);
});

test("lines below the level are dropped, also after the level changed for all components", () => {
  const { out, log } = lines("warning");
  const eventd = log.component("eventd");
  eventd.info({}, "hidden");
  log.setLevel("info");
  eventd.info({}, "shown");
  expect(out.map((line) => JSON.parse(line).msg)).toEqual(["shown"]);
});

test("SIGUSR1 goes one step more verbose, wraps from trace to error, and says so where it is seen", () => {
  const { out, log } = lines("trace");
  log.cycleLevel();
  expect(log.level).toBe("error");
  log.cycleLevel();
  expect(log.level).toBe("warning");
  log.cycleLevel();
  expect(out.map((line) => JSON.parse(line).msg)).toEqual([
    "set log level to error",
    "set log level to warning",
    "set log level to info",
  ]);
});

test("milliseconds lose trailing zeros; an error is its message with its cause", () => {
  const { out, log } = lines("warning", true);
  log.error({ error: new Error("commit failed", { cause: new Error("disk full") }) }, "x");
  expect(JSON.parse(out[0] as string)).toMatchObject({
    time: "2026-11-24T10:00:00.12Z",
    error: "commit failed: disk full",
  });
  log.error({ error: new Error("dial: refused", { cause: new Error("refused") }) }, "x");
  expect(JSON.parse(out[1] as string).error).toBe("dial: refused");
});

test.each([
  ["warn", "warning"],
  ["WARNING", "warning"],
  ["Trace", "trace"],
  ["loud", undefined],
])("level %s reads as %s", (text, level) => {
  expect(parseLogLevel(text)).toBe(level);
});
