/**
 * A QuickJS that every script finds as the first one found it. Making an interpreter takes longer than most scripts, so
 * one is made and prepared, its memory is copied, and after each script the copy is written back: nothing a script
 * did outlives it.
 */
import { newQuickJSWASMModule, type QuickJSContext, type QuickJSRuntime } from "quickjs-emscripten";
import { PRELUDE } from "./prelude.ts";
import { RE2_PRELUDE } from "./re2.ts";

const STACK_BYTES = 256 * 1024;
/** WebAssembly memory grows and never shrinks: an interpreter that became larger is replaced. */
const MAX_KEPT_BYTES = 24 << 20;
const PAGE = 4096;
/** No object that an interpreter has after its making is that long and empty. */
const LONG_BYTES = 512 << 10;

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A script's own error. */
export class ScriptError extends Error {}

export interface Limits {
  /** Unix milliseconds. */
  readonly deadline: number;
  readonly memoryBytes: number;
}

export class Interpreter {
  readonly #context: QuickJSContext;
  readonly #runtime: QuickJSRuntime;
  readonly #memory: { readonly buffer: ArrayBuffer };
  readonly #image: readonly Piece[];
  #deadline = Number.POSITIVE_INFINITY;

  private constructor(module: Awaited<ReturnType<typeof newQuickJSWASMModule>>) {
    this.#runtime = module.newRuntime({ maxStackSizeBytes: STACK_BYTES });
    this.#runtime.setInterruptHandler(() => Date.now() > this.#deadline);
    this.#context = this.#runtime.newContext();
    evaluate(this.#context, PRELUDE, "prelude");
    evaluate(this.#context, RE2_PRELUDE, "prelude");
    useOwnRandom(this.#context);
    // The library keeps a handle of the global object: it must point into the copy.
    setString(this.#context, "__json", "");
    this.#memory = module.getWasmMemory();
    this.#image = copied(new Uint8Array(this.#memory.buffer));
  }

  static async make(): Promise<Interpreter> {
    return new Interpreter(await newQuickJSWASMModule());
  }

  /** What `work` throws besides `ScriptError` leaves the interpreter unusable. */
  run<T>({ deadline, memoryBytes }: Limits, work: (context: QuickJSContext) => T): T {
    this.#deadline = deadline;
    this.#runtime.setMemoryLimit(memoryBytes);
    try {
      return work(this.#context);
    } finally {
      const memory = new Uint8Array(this.#memory.buffer);
      for (const { at, bytes } of this.#image) memory.set(bytes, at);
    }
  }

  get outgrown(): boolean {
    return this.#memory.buffer.byteLength > MAX_KEPT_BYTES;
  }
}

/** The interpreter's own generator is put back with its memory: every script would draw the same numbers. */
function useOwnRandom(context: QuickJSContext): void {
  const math = context.getProp(context.global, "Math");
  const random = context.newFunction("random", () => context.newNumber(Math.random()));
  context.setProp(math, "random", random);
  random.dispose();
  math.dispose();
}

/** Evaluates; throws ScriptError with the script's own error. */
export function evaluate(context: QuickJSContext, code: string, file: string): unknown {
  const result = context.evalCode(code, file);
  if (result.error) {
    const thrown = context.dump(result.error) as { name?: string; message?: string } | string;
    result.error.dispose();
    throw new ScriptError(
      typeof thrown === "object" && thrown ? `${thrown.name ?? "Error"}: ${thrown.message ?? ""}` : String(thrown),
    );
  }
  const value = context.dump(result.value) as unknown;
  result.value.dispose();
  return value;
}

export function setString(context: QuickJSContext, name: string, text: string): void {
  const handle = context.newString(text);
  context.setProp(context.global, name, handle);
  handle.dispose();
}

/**
 * A copy of what is in use. Left out are long empty stretches: the rest of the stack, which is always written before it
 * is read, and memory that was never given out.
 */
function copied(memory: Uint8Array): readonly Piece[] {
  const pieces: Piece[] = [];
  let begin = -1;
  let empty = 0;
  for (let at = 0; at <= memory.length; at += PAGE) {
    const blank = memory.subarray(at, at + PAGE).every((byte) => byte === 0);
    empty = blank ? empty + PAGE : 0;
    if (!blank && begin < 0) begin = at;
    if (begin >= 0 && (empty >= LONG_BYTES || at >= memory.length)) {
      pieces.push({ at: begin, bytes: memory.slice(begin, at + PAGE - empty) });
      begin = -1;
    }
  }
  return pieces;
}
