/** The plain object a script sees (P-123): every field is there, lists and maps are never null. */
import { type Field, type Int64, int, type MessageType } from "./schema.ts";

type Plain = Record<string, unknown>;

export function plainValue<T>(type: MessageType<T>, value: T): Plain {
  const plain: Plain = {};
  for (const [key, field] of Object.entries(type.fields)) {
    const given = (value as Plain)[key];
    if (given !== undefined) plain[key] = plainField(field, given);
  }
  return plain;
}

function plainField(field: Field, value: unknown): unknown {
  const nested = field.message?.() as MessageType<unknown> | undefined;
  switch (field.shape) {
    case "message":
      return nested ? plainValue(nested, value) : value;
    case "messages":
      return (value as readonly unknown[]).map((item) => (nested ? plainValue(nested, item) : item));
    case "messageMap":
      return Object.fromEntries(
        Object.entries(value as Plain).map(([key, item]) => [key, nested ? plainValue(nested, item) : item]),
      );
    case "scalar":
      if (field.scalar === "bytes") return [...(value as Uint8Array)];
      return field.scalar === "i64" ? int(value as Int64) : value;
    default:
      return value;
  }
}
