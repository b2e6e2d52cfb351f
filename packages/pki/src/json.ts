/** Reads JSON as Go reads it into a struct: names in any case, absent and null fields are zero values, kinds checked. */
import { failure } from "./errors.ts";

export type JsonObject = Record<string, unknown>;

export class JsonReader {
  private readonly fields: ReadonlyMap<string, unknown>;
  private readonly fail: (message: string) => Error;
  private readonly original: JsonObject;

  constructor(value: unknown, fail: (message: string) => Error) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw fail("an object is needed");
    this.original = value as JsonObject;
    this.fields = new Map(Object.entries(this.original).map(([name, field]) => [name.toLowerCase(), field]));
    this.fail = fail;
  }

  raw(name: string): unknown {
    return this.fields.get(name.toLowerCase()) ?? undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  string(name: string): string {
    const value = this.raw(name) ?? "";
    if (typeof value !== "string") throw this.fail(`${name} must be a string`);
    return value;
  }

  number(name: string): number {
    const value = this.raw(name) ?? 0;
    if (!Number.isSafeInteger(value)) throw this.fail(`${name} must be a whole number`);
    return value as number;
  }

  boolean(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value !== "boolean") throw this.fail(`${name} must be true or false`);
    return value;
  }

  strings(name: string): string[] {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) {
      throw this.fail(`${name} must be a list of strings`);
    }
    return value as string[];
  }

  object(name: string): JsonReader {
    return new JsonReader(this.raw(name) ?? {}, this.fail);
  }

  objects(name: string): JsonReader[] {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value)) throw this.fail(`${name} must be a list`);
    return value.map((one) => new JsonReader(one, this.fail));
  }

  entries(name: string): [string, JsonReader][] {
    const value = this.object(name);
    return Object.entries(value.original).map(([key, one]) => [key, new JsonReader(one, this.fail)]);
  }
}

/** Parses JSON; the error never quotes the text, which may hold a key. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") throw failure("unexpected end of JSON input");
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = Number(/at position (\d+)/.exec(message)?.[1] ?? -1);
    const cutOff = message.includes("end of JSON input") || at >= text.trimEnd().length;
    if (cutOff) throw failure("unexpected end of JSON input");
    const first = text.trimStart()[0] ?? "";
    const start = /[[{"\d\-tfn]/.test(first);
    throw failure(start ? "invalid JSON input" : `invalid character '${first}' looking for beginning of value`);
  }
}
