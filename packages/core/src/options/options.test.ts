import { expect, expectTypeOf, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";
import { helpText } from "./help.ts";
import { defineOptions, type OptionType } from "./option.ts";
import { type GivenOptions, locateConfigFile, resolveOptions } from "./resolve.ts";

const rows = defineOptions([
  { name: "config-file", type: "string", default: "", help: "path", short: "c", sources: ["flag", "env"] },
  { name: "name", type: "string", default: "", help: "name", deprecated: ["id"] },
  { name: "password", type: "string", default: "x", help: "password" },
  { name: "debug", type: "bool", default: false, help: "debug" },
  { name: "port", type: "int", default: 8081, help: "port" },
  { name: "size", type: "uint", default: 0, help: "size", group: "Store" },
  { name: "rate", type: "float", default: 1.39, help: "rate" },
  { name: "wait", type: "duration", default: 120_000, help: "wait", env: ["T_LISTEN_WAIT"] },
  { name: "timeout", type: "duration", default: 5000, help: "timeout", countsSeconds: true },
  { name: "urls", type: "strings", default: ["ws://a"], help: "urls" },
  { name: "labels", type: "map", default: {}, help: "labels" },
  { name: "secret-user", type: "string", default: "", help: "no flag", sources: ["env", "file"] },
]);

function resolve(given: Partial<GivenOptions> & { yaml?: string }) {
  const { yaml, ...others } = given;
  const file = yaml === undefined ? {} : { file: { path: "t.yml", text: yaml, explicit: true } };
  return resolveOptions(rows, { argv: [], env: {}, envPrefix: "T_", ...file, ...others });
}

test("resolved values are typed by their rows", () => {
  const { values } = resolve({});
  expectTypeOf(values.port).toEqualTypeOf<number>();
  expectTypeOf(values.urls).toEqualTypeOf<readonly string[]>();
  expectTypeOf(values.debug).toEqualTypeOf<boolean>();
  expectTypeOf<"int">().toExtend<OptionType>();
  expect(values).toMatchObject({ port: 8081, urls: ["ws://a"], debug: false });
});

test("flag wins over environment over file over default", () => {
  const all = { argv: ["--port", "1"], env: { T_PORT: "2" }, yaml: "port: 3" };
  expect(resolve(all)).toMatchObject({ values: { port: 1 }, origins: { port: "flag" } });
  expect(resolve({ ...all, argv: [] })).toMatchObject({ values: { port: 2 }, origins: { port: "env" } });
  expect(resolve({ yaml: all.yaml })).toMatchObject({ values: { port: 3 }, origins: { port: "file" } });
  expect(resolve({})).toMatchObject({ values: { port: 8081 }, origins: { port: "default" } });
});

test("an empty environment variable counts as unset", () => {
  expect(resolve({ env: { T_NAME: "" }, yaml: "name: a" }).values.name).toBe("a");
});

test.each<[string, string[], Record<string, unknown>]>([
  ["separate value", ["--name", "a"], { name: "a" }],
  ["value after =", ["--name=a=b"], { name: "a=b" }],
  ["the last scalar wins", ["--name", "a", "--name", "b"], { name: "b" }],
  ["bool without value", ["--debug"], { debug: true }],
  ["bool leaves the next word alone", ["--debug", "false"], { debug: true }],
  ["bool with =", ["--debug=false"], { debug: false }],
  ["hexadecimal", ["--port", "0x10"], { port: 16 }],
  ["negative", ["--port=-1"], { port: -1 }],
  ["duration", ["--wait", "1h2m3.5s"], { wait: 3_723_500 }],
  ["list in one flag", ["--urls", "a,b"], { urls: ["a", "b"] }],
  ["list repeated", ["--urls", "a", "--urls", "b,c"], { urls: ["a", "b", "c"] }],
  ["quoted list item", ["--urls", '"a,b",c'], { urls: ["a,b", "c"] }],
  ["empty list", ["--urls", ""], { urls: [] }],
  ["pairs keep case", ["--labels", "A=1,b=2", "--labels", "c=3"], { labels: { A: "1", b: "2", c: "3" } }],
  ["one pair may hold commas", ["--labels", "a=1,2"], { labels: { a: "1,2" } }],
  ["short with value", ["-c", "f"], { "config-file": "f" }],
  ["short glued", ["-cf"], { "config-file": "f" }],
  ["short with =", ["-c=f"], { "config-file": "f" }],
  ["after -- nothing is a flag", ["--", "--debug"], { debug: false }],
  ["seconds counted", ["--timeout", "20"], { timeout: 20_000 }],
  ["seconds counted below one second", ["--timeout", "20ms"], { timeout: 20_000 }],
  ["seconds written out", ["--timeout", "2m"], { timeout: 120_000 }],
])("flags: %s", (_, argv, values) => {
  const resolution = resolve({ argv });
  expect(resolution.errors).toEqual([]);
  expect(resolution.values).toMatchObject(values);
});

test.each([
  [["--foo"], "unknown flag: --foo"],
  [["--secret-user", "x"], "unknown flag: --secret-user"],
  [["-x"], "unknown shorthand flag: 'x' in -x"],
  [["--port"], "flag needs an argument: --port"],
  [["-c"], "flag needs an argument: 'c' in -c"],
  [["--=x"], "bad flag syntax: --=x"],
  [["--port", "x"], 'invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [["--size", "-5"], 'invalid argument "-5" for "--size" flag: strconv.ParseUint: parsing "-5": invalid syntax'],
  [["--debug=5"], 'invalid argument "5" for "--debug" flag: strconv.ParseBool: parsing "5": invalid syntax'],
  [["--wait", "3"], 'invalid argument "3" for "--wait" flag: time: missing unit in duration "3"'],
  [["--labels", "x"], 'invalid argument "x" for "--labels" flag: x must be formatted as key=value'],
])("flags %j are refused as the original refuses them", (argv, text) => {
  expect(resolve({ argv }).errors).toEqual([text]);
});

test.each<[string, Record<string, string>, Record<string, unknown>]>([
  ["list by white space", { T_URLS: " a  b " }, { urls: ["a", "b"] }],
  ["list by commas", { T_URLS: "a,b c" }, { urls: ["a", "b", "c"] }],
  ["map as JSON keeps case", { T_LABELS: '{"Team":"x","n":1}' }, { labels: { Team: "x", n: "1" } }],
  ["bool", { T_DEBUG: "T" }, { debug: true }],
  ["further name", { T_LISTEN_WAIT: "1s" }, { wait: 1000 }],
  ["no flag", { T_SECRET_USER: "u" }, { "secret-user": "u" }],
])("environment: %s", (_, env, values) => {
  const resolution = resolve({ env });
  expect(resolution.errors).toEqual([]);
  expect(resolution.values).toMatchObject(values);
});

test.each<[string, string, Record<string, unknown>]>([
  ["keys without case", "PORT: 3", { port: 3 }],
  ["bool quoted", 'debug: "true"', { debug: true }],
  ["bool of YAML 1.1", "debug: yes", { debug: true }],
  ["number as text", "password: 1234", { password: "1234" }],
  ["list", "urls:\n  - a\n  - b c", { urls: ["a", "b c"] }],
  ["list as one text", "urls: a b", { urls: ["a", "b"] }],
  ["list as commas", "urls: ws://a:1,ws://b:2", { urls: ["ws://a:1", "ws://b:2"] }],
  ["text as a list of one", "name: [a]", { name: "a" }],
  [
    "map keys lower-cased",
    "labels: {Team: Ops, Num: 1, b: true, d: 2024-01-02, t: 12:30}",
    { labels: { team: "Ops", num: "1", b: "true", d: "2024-01-02", t: "12:30" } },
  ],
  ["large number kept", "labels: {id: 12345678901234567890}", { labels: { id: "12345678901234567890" } }],
  ["JSON", '{"port": 5, "rate": 2}', { port: 5, rate: 2 }],
  ["the later of two equal keys", "port: 1\nport: 2", { port: 2 }],
  ["an empty key keeps the default", "port:", { port: 8081 }],
  ["an empty file", "", { port: 8081 }],
  ["a file of comments", "# nothing\n", { port: 8081 }],
])("file: %s", (_, yaml, values) => {
  const resolution = resolve({ yaml });
  expect(resolution.errors).toEqual([]);
  expect(resolution.values).toMatchObject(values);
});

test.each([
  [{ yaml: "debug: maybe" }, "invalid value of debug: "],
  [{ yaml: "port: [1, 2]" }, "invalid value of port: "],
  [{ yaml: "labels: 5" }, "invalid value of labels: "],
  [{ yaml: "a: b: c" }, "invalid configuration file t.yml: "],
  [{ yaml: "- a" }, "invalid configuration file t.yml: "],
  [{ env: { T_LABELS: "a=b" } }, "invalid value of T_LABELS: "],
  [{ env: { T_DEBUG: "maybe" } }, "invalid value of T_DEBUG: "],
])("%j is an error that names the place", (given, start) => {
  const { errors, values } = resolve(given);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(start);
  expect(values.port).toBe(8081);
});

test("a broken file at the default place only warns", () => {
  const file = { path: "t.yml", text: "a: b: c", explicit: false };
  const { errors, warnings } = resolveOptions(rows, { argv: [], env: {}, envPrefix: "T_", file });
  expect(errors).toEqual([]);
  expect(warnings[0]).toContain("t.yml");
});

test.each([
  ['"a', 'column 3: extraneous or missing " in quoted-field'],
  ['"a"b,c', 'column 3: extraneous or missing " in quoted-field'],
  ['a,"b"c"', 'column 5: extraneous or missing " in quoted-field'],
  ['"a""', 'column 5: extraneous or missing " in quoted-field'],
  ['a"b', 'column 2: bare " in non-quoted-field'],
  ['x,a"b', 'column 4: bare " in non-quoted-field'],
])("the list %s is refused as the original refuses it", (text, why) => {
  expect(resolve({ argv: ["--urls", text] }).errors).toEqual([
    `invalid argument ${JSON.stringify(text)} for "--urls" flag: parse error on line 1, ${why}`,
  ]);
});

test.each([
  ['"a",', ["a", ""]],
  ["a,,b", ["a", "", "b"]],
  ['"a""b"', ['a"b']],
])("the list %s is %j", (text, urls) => {
  expect(resolve({ argv: ["--urls", text] }).values).toMatchObject({ urls });
});

test.each([
  ["x", "invalid duration"],
  ["", "invalid duration"],
  ["10", "missing unit in duration"],
  ["1h30", "missing unit in duration"],
  ["1d", 'unknown unit "d" in duration'],
  ["1h5mx", 'unknown unit "mx" in duration'],
])("the duration %j is refused as the original refuses it", (text, why) => {
  expect(resolve({ argv: ["--wait", text] }).errors).toEqual([
    `invalid argument ${JSON.stringify(text)} for "--wait" flag: time: ${why} ${JSON.stringify(text)}`,
  ]);
});

test("a bare number in a duration counts nanoseconds and is remarked on", () => {
  const { values, warnings } = resolve({ yaml: "wait: 1440" });
  expect(values.wait).toBeCloseTo(0.00144);
  expect(warnings[0]).toContain("1440ns");
});

test("former names work with a warning, unknown keys only warn", () => {
  expect(resolve({ argv: ["--id", "a"] })).toMatchObject({ values: { name: "a" }, errors: [] });
  expect(resolve({ argv: ["--id", "a"] }).warnings[0]).toContain("--name");
  expect(resolve({ yaml: "id: a" })).toMatchObject({ values: { name: "a" } });
  expect(resolve({ yaml: "zzz: 1\nconfig-file: x" }).warnings).toHaveLength(2);
  expect(resolve({ yaml: "nam: 1" }).warnings).toEqual([
    expect.stringMatching(/unknown option nam .*did you mean name/),
  ]);
});

test("help is noticed and positional words are kept", () => {
  expect(resolve({ argv: ["-h"] }).help).toBe(true);
  expect(resolve({ argv: ["a", "--debug", "-", "b"] }).rest).toEqual(["a", "-", "b"]);
});

test("the configuration file is named by flag, then environment, then default", () => {
  const env = { T_CONFIG_FILE: "e" };
  const at = (argv: string[], env = {}) => locateConfigFile(rows, { argv, env, envPrefix: "T_" }, "d");
  expect(at(["-c", "f"], env)).toEqual({ path: "f", explicit: true });
  expect(at([], env)).toEqual({ path: "e", explicit: true });
  expect(at([])).toEqual({ path: "d", explicit: false });
});

test.each([
  ["1h", 3_600_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["-2s", -2000],
  ["0", 0],
  ["100us", 0.1],
])("duration %s", (text, milliseconds) => {
  expect(parseDuration(text)).toBeCloseTo(milliseconds);
});

test.each(["", "s", "5", "5 s", "1d", "1h-2m", "five"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [120_000, "2m0s"],
  [43_200_000, "12h0m0s"],
  [1500, "1.5s"],
  [300, "300ms"],
  [0.00144, "1.44µs"],
  [0, "0s"],
])("%d ms prints as %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test("help has the original's layout", () => {
  const some = rows.filter((row) => ["config-file", "urls", "wait", "debug", "labels"].includes(row.name));
  expect(helpText({ command: "sensu-agent start", summary: "start the sensu agent" }, some)).toBe(
    `start the sensu agent

Usage:
  sensu-agent start [flags]

Flags:
  -c, --config-file string      path
      --debug                   debug
  -h, --help                    help for start
      --labels stringToString   labels (default [])
      --urls strings            urls (default [ws://a])
      --wait duration           wait (default 2m0s)
`,
  );
});

test("help shows one table a group once any row names one", () => {
  const text = helpText({ command: "x start", summary: "s" }, rows);
  expect(text.indexOf("General Flags:\n")).toBeGreaterThan(0);
  expect(text.indexOf("\n\nStore Flags:\n      --size uint   size\n")).toBeGreaterThan(text.indexOf("--name"));
  expect(text).not.toContain("secret-user");
});
