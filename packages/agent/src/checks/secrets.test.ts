import { expect, test } from "vitest";
import { inheritedEnvironment } from "./environment.ts";
import { maskSecrets } from "./secrets.ts";

test("long enough values are replaced wherever they stand, the longer first", () => {
  const masked = maskSecrets(Buffer.from("x=geheim1 y=geheim12 z=short é"), ["geheim1", "geheim12", "short"]);
  expect(masked.toString()).toBe("x=REDACTED y=REDACTED z=short é");
});

test("output of any bytes passes unharmed", () => {
  const output = Buffer.of(0xff, 0, 0xc3);
  expect(maskSecrets(output, ["geheim"])).toEqual(output);
});

test("the agent's own credentials are not handed down", () => {
  expect(inheritedEnvironment({ PATH: "/bin", SENSU_PASSWORD: "x", SENSU_USER: "u" })).toEqual({
    PATH: "/bin",
    SENSU_USER: "u",
  });
});
