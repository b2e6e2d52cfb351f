import { expect, test } from "vitest";
import { mergeEnvironments, parseEnvironment } from "./environment.ts";

test("texts without = are dropped, the value may hold =", () => {
  expect(parseEnvironment(["A=1=2", "B", "C="])).toEqual({ A: "1=2", C: "" });
});

test("later sets win, path lists are put before the former ones", () => {
  const merged = mergeEnvironments(
    { A: "1", PATH: "/bin" },
    { PATH: "/asset/bin", LD_LIBRARY_PATH: "/lib" },
    { A: "2" },
  );
  expect(merged).toEqual({ A: "2", PATH: "/asset/bin:/bin", LD_LIBRARY_PATH: "/lib" });
});

test("no empty element gets into a path list", () => {
  expect(mergeEnvironments({ PATH: "/bin", CPATH: "" }, { PATH: "", CPATH: "/c" })).toEqual({
    PATH: "/bin",
    CPATH: "/c",
  });
});
