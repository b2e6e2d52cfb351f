/** Round trips and hostile input for every message type. `FUZZ_FACTOR` deepens them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseResources } from "../resource/parse.ts";
import * as types from "../types/mod.ts";
import { CodecError } from "./error.ts";
import { decodeJson, encodeJson, toTree } from "./json.ts";
import { parseJson, stringifyJson } from "./json-text.ts";
import { decodeProto, encodeProto, scanFields } from "./protobuf.ts";
import type { Field, Json, MessageType } from "./schema.ts";
import { parseYaml } from "./yaml.ts";
import { stringifyYaml } from "./yaml-writer.ts";

const numRuns = 60 * Number(process.env["FUZZ_FACTOR"] ?? 1);
const KEEP = { redact: false };

const ALL_TYPES = (Object.values(types) as unknown[]).filter(
  (value): value is MessageType<unknown> => typeof value === "object" && value !== null && "fields" in value,
);
const anyType = fc.constantFrom(...ALL_TYPES);
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.string({ unit: "binary", maxLength: 60 }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
});

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  str: text,
  bool: fc.boolean(),
  u32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i64: fc.oneof(int64, fc.maxSafeInteger()),
  // Adding 0 turns -0, which protobuf does not write, into 0.
  f64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  bytes: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ minLength: 16, maxLength: 16 })),
};

function fieldValue(field: Field): fc.Arbitrary<unknown> {
  const item = field.message ? anyValue(field.message()) : (scalars[field.scalar as string] as fc.Arbitrary<unknown>);
  switch (field.shape) {
    case "list":
    case "messages":
      return fc.array(item, { maxLength: 3 });
    case "map":
    case "messageMap":
      return fc.dictionary(text, item, { maxKeys: 3 });
    default:
      return item;
  }
}

function anyValue(type: MessageType<unknown>): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(type.fields).map(([key, field]) => [key, fieldValue(field)]));
  return fc.record(fields, { requiredKeys: [] }).map((given) => type.create(given as never));
}

const typed = anyType.chain((type) => anyValue(type).map((value) => ({ type, value })));

/** JavaScript puts such keys first in an object, and so in a tree; Go and the text do not. */
const NUMBER_KEY = /"\d+":/;

test("the text written at once is the text of the tree", () => {
  fc.assert(
    fc.property(typed, fc.boolean(), ({ type, value }, redact) => {
      const json = encodeJson(type, value, { redact });
      const text = stringifyJson(toTree(type, value, { redact }));
      if (!NUMBER_KEY.test(json)) expect(json).toBe(text);
      expect(parseJson(json)).toEqual(parseJson(text));
    }),
    { numRuns: numRuns * 5 },
  );
});

/** Runs and says whether it worked; any error but a codec error fails the test. */
function survives(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    return false;
  }
}

test("protobuf gives back every value", () => {
  fc.assert(
    fc.property(typed, ({ type, value }) => {
      expect(decodeProto(type, encodeProto(type, value))).toEqual(value);
    }),
    { numRuns },
  );
});

test("JSON text is the same after a round trip", () => {
  fc.assert(
    fc.property(typed, ({ type, value }) => {
      const json = encodeJson(type, value, KEEP);
      expect(encodeJson(type, decodeJson(type, json), KEEP)).toBe(json);
      expect(encodeJson(type, decodeJson(type, new TextEncoder().encode(json)), KEEP)).toBe(json);
    }),
    { numRuns },
  );
});

test("random bytes decode or are a codec error, and what was decoded is stable", () => {
  fc.assert(
    fc.property(anyType, fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
      survives(() => scanFields(bytes, () => {}));
      survives(() => {
        const again = encodeProto(type, decodeProto(type, bytes));
        expect(encodeProto(type, decodeProto(type, again))).toEqual(again);
      });
    }),
    { numRuns: numRuns * 10 },
  );
});

test("damaged messages decode or are a codec error", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(typed, damage, ({ type, value }, changes) => {
      const bytes = encodeProto(type, value);
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      survives(() => {
        const again = encodeProto(type, decodeProto(type, bytes));
        expect(encodeProto(type, decodeProto(type, again))).toEqual(again);
      });
    }),
    { numRuns },
  );
});

const anyJson = fc.jsonValue({ maxDepth: 3, noUnicodeString: false } as never) as fc.Arbitrary<Json>;

test("JSON with wrong parts decodes or is a codec error", () => {
  fc.assert(
    fc.property(typed, anyJson, fc.nat(), ({ type, value }, wrong, at) => {
      const tree = toTree(type, value, KEEP);
      const keys = Object.keys(tree);
      const key = keys[at % (keys.length || 1)] ?? "x";
      survives(() => encodeJson(type, decodeJson(type, stringifyJson({ ...tree, [key]: wrong }))));
      survives(() => encodeJson(type, decodeJson(type, JSON.stringify(wrong))));
    }),
    { numRuns: numRuns * 3 },
  );
});

test("random text is JSON or a codec error, and agrees with the platform's parser", () => {
  const pieces = fc.constantFrom(
    ...'{}[]:,"\\-+.eE0123456789 \n',
    "true",
    "null",
    '"a"',
    "12345678901234567890",
    "5.0",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const input = parts.join("");
      let valid = true;
      try {
        JSON.parse(input);
      } catch {
        valid = false;
      }
      const parsed = survives(() => stringifyJson(parseJson(input)));
      // Numbers beyond what a double holds are refused although the grammar allows them.
      if (parsed) expect(valid).toBe(true);
      else if (valid) expect(input).toMatch(/\d[eE]\+?\d{2,}/);
    }),
    { numRuns: numRuns * 10 },
  );
});

test("YAML gives back every JSON tree", () => {
  const tree = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.string({ unit: fc.constantFrom(..."yn01:.-_+~<>&*!|{}[],#'\" \n\te"), maxLength: 8 }),
      fc.boolean(),
      fc.constant(null),
      int64,
      // Whole numbers beyond the safe ones are bigints where they come from JSON.
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
        .map((value) => value + 0),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(text, fc.constantFrom("y", "1", "null", "<<", "")), tie("json"), { maxKeys: 3 }),
    ) as fc.Arbitrary<Json>,
  })).json;
  fc.assert(
    fc.property(tree, (json) => {
      const lossless = parseJson(stringifyJson(json));
      expect(parseYaml(stringifyYaml(json))).toEqual(lossless);
    }),
    { numRuns: numRuns * 3 },
  );
});

test("random text is YAML or a codec error, and resource files never throw", () => {
  const pieces = fc.constantFrom(
    ..."{}[]:,\"'\\-#&*!|>%@?~ \n\t",
    "a",
    "1",
    "a: ",
    "- ",
    "\n  ",
    "&x ",
    "*x",
    "<<: ",
    "---\n",
    "!!binary ",
    "!!set ",
    "!!omap ",
    "!!int ",
    "!t ",
    "type: Asset\n",
    "spec: ",
    "2001-01-01",
    "0x",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      survives(() => stringifyYaml(parseYaml(parts.join(""))));
      parseResources(parts.join(""));
    }),
    { numRuns: numRuns * 10 },
  );
});
