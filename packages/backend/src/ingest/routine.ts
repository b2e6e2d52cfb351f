/**
 * Nearly every event is routine: of all its bytes only time, status, output, id and sequence differ from an earlier one
 * of the same check. What repeats is decoded and validated once, and found again by its bytes; such an event goes to
 * the store as bytes, and becomes an object only if somebody asks (docs/decisions/2026-11-27-routine-results.md).
 */
import { Check, fieldNumber, readVarint, scanFields } from "@sensu-ts/core";
import { type EventKey, joinEventKey } from "@sensu-ts/store";

/** A check of one session. */
export interface Routine {
  /** The same object for all agents of a check; without output and the name of the agent. */
  readonly definition: Check;
  readonly key: EventKey;
  /** The key joined. */
  readonly id: string;
}

/** Fields of a Check that differ from run to run, or from agent to agent. */
const DURATION = fieldNumber(Check, "duration");
const EXECUTED = fieldNumber(Check, "executed");
const ISSUED = fieldNumber(Check, "issued");
const OUTPUT = fieldNumber(Check, "output");
const STATUS = fieldNumber(Check, "status");
const PROCESSED_BY = fieldNumber(Check, "processed_by");
/** Agents send none of these but in unusual cases: the backend calculates them, hooks are rare. */
const NOT_ROUTINE = new Set(
  (
    [
      ...["history", "state", "total_state_change", "last_ok", "occurrences", "occurrences_watermark"],
      ...["silenced", "is_silenced", "hooks"],
    ] as (keyof Check & string)[]
  ).map((name) => fieldNumber(Check, name)),
);
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const WIRES = new Map([
  [DURATION, FIXED64],
  [EXECUTED, VARINT],
  [ISSUED, VARINT],
  [OUTPUT, BYTES],
  [STATUS, VARINT],
  [PROCESSED_BY, BYTES],
]);
const MAX_STATUS = 2 ** 32 - 1;

/** Definitions kept for all sessions; beyond it, or beyond the bytes, all are learnt anew. */
const MAX_DEFINITIONS = 10_000;
const MAX_BYTES = 8 << 20;
/** Longer definitions are decoded each time. */
const MAX_SIGNATURE = 8 << 10;
/** Bytes before the parts. */
const HEAD = 4;
const MAX_ROUTINES = 256;

const signature = Buffer.allocUnsafeSlow(MAX_SIGNATURE);

/** Results of the last scan; valid until the next. */
export const scanned = { executed: 0, status: 0, outputBytes: 0 };

let usual = true;
let position = 0;
let used = 0;
let seen = 0;
let from = 0;
let source: Buffer = signature;

function visit(no: number, wire: number, start: number, end: number): void {
  const begin = position;
  position = end;
  const expected = WIRES.get(no);
  if (expected === undefined) {
    if (NOT_ROUTINE.has(no)) usual = false;
    return;
  }
  if (from < begin) append(from, begin);
  from = end;
  // Numbers from 22 to 45, so that a word holds them.
  const bit = 1 << (no - DURATION);
  if (wire !== expected || (seen & bit) !== 0) usual = false;
  seen |= bit;
  if (no === EXECUTED) scanned.executed = exact(start, Number.MAX_SAFE_INTEGER);
  else if (no === STATUS) scanned.status = exact(start, MAX_STATUS);
  else if (no === OUTPUT) scanned.outputBytes = end - start;
}

function exact(start: number, most: number): number {
  const value = readVarint(source, start);
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  usual = false;
  return 0;
}

function append(start: number, end: number): void {
  if (used + (end - start) > MAX_SIGNATURE) usual = false;
  else used += source.copy(signature, used, start, end);
}

/**
 * What repeats of a check's bytes and of the event's metadata and pipelines, as text of one character a byte;
 * undefined when the result is not routine. Throws `CodecError`.
 */
export function signatureOf(
  bytes: Buffer,
  check: readonly [number, number],
  metadata: readonly [number, number],
  pipelines: readonly [number, number],
): string | undefined {
  usual = true;
  used = HEAD;
  seen = 0;
  source = bytes;
  [position] = check;
  [from] = check;
  scanned.executed = 0;
  scanned.status = 0;
  scanned.outputBytes = 0;
  scanFields(bytes, visit, check[0], check[1]);
  if (from < check[1]) append(from, check[1]);
  // Where the parts end, so that no two definitions read the same.
  signature.writeUInt16LE(used, 0);
  append(metadata[0], metadata[1]);
  signature.writeUInt16LE(used, 2);
  append(pipelines[0], pipelines[1]);
  source = signature;
  return usual ? signature.toString("latin1", 0, used) : undefined;
}

const definitions = new Map<string, Check>();
let kept = 0;

export function knownDefinition(text: string): Check | undefined {
  return definitions.get(text);
}

/** `check` is valid and came with this signature. */
export function learnDefinition(text: string, check: Check): Check {
  const known = definitions.get(text);
  if (known) return known;
  if (definitions.size >= MAX_DEFINITIONS || kept + text.length > MAX_BYTES) {
    definitions.clear();
    kept = 0;
  }
  kept += text.length;
  const definition = { ...check, output: "", processed_by: "" };
  definitions.set(text, definition);
  return definition;
}

/** The routines of one session's entity. */
export class Routines {
  readonly #known = new Map<Check, Routine>();

  get(definition: Check): Routine | undefined {
    return this.#known.get(definition);
  }

  add(definition: Check, key: EventKey): void {
    if (this.#known.size >= MAX_ROUTINES) this.#known.clear();
    this.#known.set(definition, { definition, key, id: joinEventKey(key) });
  }

  clear(): void {
    this.#known.clear();
  }
}
