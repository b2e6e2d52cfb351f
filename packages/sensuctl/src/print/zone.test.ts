import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseZone } from "./zone.ts";

const file = "/usr/share/zoneinfo/Europe/Berlin";

test.runIf(existsSync(file))("names of the past come from the changes, of the future from the rule", () => {
  const zone = parseZone(readFileSync(file));
  expect(zone?.changes.findLast(({ at }) => at <= Date.UTC(1980, 6, 1) / 1000)?.name).toBe("CEST");
  expect(zone?.rule).toEqual(
    new Map([
      [7200, "CEST"],
      [3600, "CET"],
    ]),
  );
});

test("anything else is no zone", () => {
  expect(parseZone(Buffer.from("hello, this is no zone file"))).toBeNull();
});
