import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { combinations, Summary } from "./summary.ts";

test("the exposition is that of a Prometheus summary", async () => {
  const registry = new Registry();
  const summary = new Summary(registry, "sensu_go_x_duration", "Milliseconds of x", [{ status: "error" }]);
  summary.with({ status: "success" }).observe(1024, 3);
  summary.with({ status: "success" }).observe(1);
  summary.with({ status: 'a "b"\\' }).observe(1);
  expect((await registry.metrics()).split("\n")).toEqual([
    "# HELP sensu_go_x_duration Milliseconds of x",
    "# TYPE sensu_go_x_duration summary",
    // prom-client's spelling, which Prometheus reads.
    ...["0.5", "0.9", "0.99"].map((quantile) => `sensu_go_x_duration{quantile="${quantile}",status="error"} Nan`),
    'sensu_go_x_duration_sum{status="error"} 0',
    'sensu_go_x_duration_count{status="error"} 0',
    ...["0.5", "0.9", "0.99"].map((quantile) => `sensu_go_x_duration{quantile="${quantile}",status="success"} 1056`),
    'sensu_go_x_duration_sum{status="success"} 3073',
    'sensu_go_x_duration_count{status="success"} 4',
    ...["0.5", "0.9", "0.99"].map(
      (quantile) => `sensu_go_x_duration{quantile="${quantile}",status="a \\"b\\"\\\\"} 1.03125`,
    ),
    'sensu_go_x_duration_sum{status="a \\"b\\"\\\\"} 1',
    'sensu_go_x_duration_count{status="a \\"b\\"\\\\"} 1',
    "",
  ]);
});

test("label sets are bounded", async () => {
  const registry = new Registry();
  const summary = new Summary(registry, "s", "h");
  for (let i = 0; i < 3000; i++) summary.with({ name: `handler-${i}` }).observe(1);
  expect((await registry.metrics()).match(/^s_count/gm)).toHaveLength(2000);
});

test("combinations of label values", () => {
  expect(combinations({ a: ["1", "2"], b: ["x", "y"] })).toEqual([
    { a: "1", b: "x" },
    { a: "1", b: "y" },
    { a: "2", b: "x" },
    { a: "2", b: "y" },
  ]);
  expect(combinations({})).toEqual([{}]);
});
