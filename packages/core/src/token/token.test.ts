import fc from "fast-check";
import { expect, test } from "vitest";
import { SensuError } from "../errors.ts";
import { CheckConfig } from "../types/check.ts";
import { Entity, EntityConfig, System } from "../types/entity.ts";
import { ObjectMeta } from "../types/meta.ts";
import { substituteCheck, substituteTokens } from "./substitute.ts";

/** `npm run test:long` asks for many more cases than usual. */
const FUZZ = Number(process.env["FUZZ_FACTOR"] ?? 1);

const entity = Entity.create({
  metadata: ObjectMeta.create({
    name: "web-01",
    namespace: "default",
    labels: { url: "u", empty: "", "a-b": "dashed", n: "5" },
    annotations: { "x/y": "slashed" },
  }),
  subscriptions: ["web", "entity:web-01"],
  system: System.create({ os: "linux" }),
});
const render = (command: string) => substituteTokens(CheckConfig.create({ command }), entity).command;

test.each([
  ["{{ .name }}-{{ .system.os }}", "web-01-linux"],
  ["{{.name}}", "web-01"],
  ["{{ .labels.none | default 80 }}", "80"],
  ['{{ .labels.empty | default "x" }}', ""],
  ['{{ index .annotations "a/b" | default "z" }}', "z"],
  ['{{ index .annotations "x/y" }}', "slashed"],
  ['{{ index .labels "a-b" }}', "dashed"],
  ['{{ .none.deep | default "z" }}', "z"],
  ["{{ .subscriptions }}", "[web entity:web-01]"],
  ["{{ .labels }}", "map[a-b:dashed empty: n:5 url:u]"],
  ["a  {{- .name -}}  b", "aweb-01b"],
  ["a{{/* nothing */}}b", "ab"],
  ["a {{- /* nothing */ -}} b", "ab"],
  ['{{ if eq .system.os "linux" }}L{{ else if eq .system.os "windows" }}W{{ else }}?{{ end }}', "L"],
  ["{{ if .labels.none }}a{{ else }}b{{ end }}", "b"],
  ["{{ range .subscriptions }}<{{ . }}>{{ end }}", "<web><entity:web-01>"],
  ["{{ range $i, $s := .subscriptions }}{{ $i }}={{ $s }};{{ end }}", "0=web;1=entity:web-01;"],
  ["{{ range $k, $v := .labels }}{{ if $v }}{{ $k }} {{ end }}{{ end }}", "a-b n url "],
  ["{{ range .redact }}x{{ else }}none{{ end }}", "none"],
  ["{{ range .subscriptions }}{{ . }}{{ break }}{{ end }}", "web"],
  ["{{ with .labels.url }}[{{ . }}]{{ end }}", "[u]"],
  ["{{ with .labels.url }}{{ $.name }}{{ end }}", "web-01"],
  ["{{ $x := .name }}{{ $x = 3 }}{{ $x }}", "3"],
  ['{{ printf "%s:%05d:%-4s|%.2f %v%%" .name 42 "ab" 1.5 true }}', "web-01:00042:ab  |1.50 true%"],
  ['{{ print "a" 1 2 "b" }}', "a1 2b"],
  [
    '{{ printf "%d" "x" }} {{ printf "%q" .name }} {{ printf "%s" 4 }} {{ printf "%x" "hi" }}',
    '%!d(string=x) "web-01" %!s(int=4) 6869',
  ],
  ["{{ len .subscriptions }} {{ len .name }}", "2 6"],
  ["{{ (index .subscriptions 0) }}", "web"],
  ["{{ slice .name 0 3 }}", "web"],
  ["{{ and .name .system.os }} {{ or .labels.empty .name }} {{ not .name }}", "linux web-01 false"],
  ["{{ lt 1 2 }} {{ ge 1 2 }} {{ ne .name `x` }}", "true false true"],
  ['{{ html "<a>" }} {{ urlquery "a b&c" }} {{ js "it\'s" }}', "&lt;a&gt; a+b%26c it\\'s"],
  ['{{ "a\\tb\\u00e9" }}', "a\tbé"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of Go.
  ['${{assetPath "sensu/check-cpu"}}', "$SENSU_CHECK_CPU_PATH"],
  ["{{ .system.network.interfaces }}", "[]"],
  ["{{ .deregister }} {{ .last_seen }}", "false 0"],
  ['{{ "}}" }}', "}}"],
  ["no tokens } { }}", "no tokens } { }}"],
])("%s renders as %j", (template, text) => {
  expect(render(template)).toBe(text);
});

test.each([
  [
    "{{ .labels.none }}",
    'command: unmatched token: template: command:1:10: executing "command" at <.labels.none>: map has no entry for key "none"',
  ],
  [
    "é\nx {{ .none }}",
    'command: unmatched token: template: command:2:5: executing "command" at <.none>: map has no entry for key "none"',
  ],
  ['{{ index .labels "none" }}', "command: unmatched token: found an undefined value but could not identify the token"],
  ["echo <no value>", "command: unmatched token: found an undefined value but could not identify the token"],
  ["{{ foo }}", 'command: could not parse the template: template: command:1: function "foo" not defined'],
  ["{{ .labels.a-b }}", "command: could not parse the template: template: command:1: bad character U+002D '-'"],
  ["{{ .name", "command: could not parse the template: template: command:1: unclosed action"],
  ["{{ if .name }}x", "command: could not parse the template: template: command:1: unexpected EOF"],
  ["{{ end }}", "command: could not parse the template: template: command:1: unexpected {{end}}"],
  ["{{ $x }}", 'command: could not parse the template: template: command:1: undefined variable "$x"'],
  ["{{ }}", "command: could not parse the template: template: command:1: missing value for command"],
  [
    "{{ .name.deep }}",
    `could not execute the template: template: command:1:8: executing "command" at <.name.deep>: can't evaluate field deep in type interface {}`,
  ],
  [
    "{{ .constructor }}",
    'command: unmatched token: template: command:1:3: executing "command" at <.constructor>: map has no entry for key "constructor"',
  ],
])("%s fails: %s", (template, text) => {
  expect(() => render(template)).toThrowError(new SensuError("invalid", text));
});

test("every text of a check is a template, keys and numbers are not", () => {
  const config = CheckConfig.create({
    command: "true",
    env_vars: ["A={{ .name }}"],
    proxy_entity_name: "{{ .labels.url }}",
    metadata: ObjectMeta.create({ name: "c", labels: { "{{ k }}": "{{ .system.os }}" } }),
    interval: 7,
  });
  expect(substituteTokens(config, entity)).toMatchObject({
    env_vars: ["A=web-01"],
    proxy_entity_name: "u",
    metadata: { labels: { "{{ k }}": "linux" } },
    interval: 7,
  });
  expect(() => substituteTokens({ ...config, env_vars: ["a", "{{ .x }}"] }, entity)).toThrowError(
    /^couldn't evaluate template for env_vars: env_vars: unmatched token: .* \(array 1\)$/,
  );
});

test("the tokens of a proxy entity come from its configuration", () => {
  const proxy = EntityConfig.create({ metadata: ObjectMeta.create({ name: "sw1", labels: { ip: "192.0.2.1" } }) });
  const check = CheckConfig.create({ command: "ping {{ .labels.ip }} {{ .name }}" });
  expect(substituteCheck(check, proxy).command).toBe("ping 192.0.2.1 sw1");
});

test("what holds no token is given back as it is", () => {
  const config = CheckConfig.create({ command: "true", env_vars: ["A=b"] });
  expect(substituteTokens(config, entity)).toBe(config);
});

test("whatever the text, it renders or fails with a reason", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    " .name ",
    ".a.b",
    "$x",
    ":=",
    "|",
    "(",
    ")",
    '"s"',
    "if",
    "end",
    "else",
    "range",
    "with",
    "-",
    "`",
    "1",
    " default ",
    " printf ",
    "%s",
    "{{/*",
    "*/}}",
    "\n",
    "é",
    "index",
    ",",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        expect(typeof render(pieces.join(""))).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(SensuError);
      }
    }),
    { numRuns: 2000 * FUZZ },
  );
});
