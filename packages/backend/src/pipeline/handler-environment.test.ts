import { expect, test } from "vitest";
import { configure, resolve } from "../app/configuration.ts";
import { START_OPTIONS } from "../app/options.ts";
import { handlerEnvironment } from "./handler-environment.ts";

const ENV = {
  PATH: "/bin",
  SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD: "a",
  SENSU_BACKEND_CLUSTER_ADMIN_API_KEY: "b",
  SENSU_BACKEND_LABELS: "{}",
  PGPASSWORD: "c",
};
const options = (...argv: string[]) => configure(resolve(START_OPTIONS, { argv, env: {} })).options;

test("commands of handlers do not inherit our passwords, unless told so (S-399)", () => {
  const given = (...argv: string[]) => handlerEnvironment(ENV, options(...argv)["handler-env-passthrough"]);
  expect(given()).toEqual({ PATH: "/bin", SENSU_BACKEND_LABELS: "{}" });
  expect(given("--handler-env-passthrough", "all")).toEqual(ENV);
  expect(() => given("--handler-env-passthrough", "some")).toThrow("must be one of filtered, all");
});
