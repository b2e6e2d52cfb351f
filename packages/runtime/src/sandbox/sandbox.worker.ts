/** The thread of the sandbox: each script runs in a QuickJS of its own, in WebAssembly memory (P-118, P-120). */
import { parentPort } from "node:worker_threads";
import {
  getQuickJS,
  type QuickJSContext,
  type QuickJSWASMModule,
  shouldInterruptAfterDeadline,
} from "quickjs-emscripten";
import { ASK_PRELUDE, PRELUDE } from "./prelude.ts";
import type { Help, Script, ScriptAnswer, ScriptRequest, ScriptValue } from "./protocol.ts";
import { RE2_PRELUDE, translatePatterns } from "./re2.ts";

const STACK_BYTES = 256 * 1024;
const MAX_RESULT = 4 << 20;
const MAX_QUESTIONS = 1000;

class ScriptError extends Error {}

/** Evaluates; throws ScriptError with the script's own error. */
function evaluate(context: QuickJSContext, code: string, file: string): unknown {
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

function setString(context: QuickJSContext, name: string, text: string): void {
  const handle = context.newString(text);
  context.setProp(context.global, name, handle);
  handle.dispose();
}

function run(quickjs: QuickJSWASMModule, request: ScriptRequest): ScriptValue {
  const runtime = quickjs.newRuntime({ memoryLimitBytes: request.memoryBytes, maxStackSizeBytes: STACK_BYTES });
  const deadline = Date.now() + request.timeoutMs;
  runtime.setInterruptHandler(shouldInterruptAfterDeadline(deadline));
  try {
    const context = runtime.newContext();
    try {
      return request.kind === "select" ? select(context, request, deadline) : runIn(context, request);
    } finally {
      context.dispose();
    }
  } finally {
    runtime.dispose();
  }
}

type One = Exclude<Script, { kind: "select" }>;
type Select = Extract<Script, { kind: "select" }>;

function prepare(context: QuickJSContext): void {
  evaluate(context, PRELUDE, "prelude");
  evaluate(context, RE2_PRELUDE, "prelude");
}

function setObject(context: QuickJSContext, name: string, json: string): void {
  setString(context, "__json", json);
  evaluate(context, `var ${name} = JSON.parse(__json); __flatten(${name}); delete this.__json;`, "objects");
}

/** One interpreter for all values: making one takes longer than most expressions. */
function select(context: QuickJSContext, { expressions, name, values }: Select, deadline: number): ScriptValue {
  prepare(context);
  const tests = expressions.map((expression, i) => {
    setString(context, `__code${i}`, translatePatterns(expression));
    return `!!(function () { return eval(__code${i}); })()`;
  });
  const selected: number[] = [];
  let error: string | undefined;
  values.forEach((json, i) => {
    setObject(context, name, json);
    const all = tests.every((code) => {
      try {
        return evaluate(context, code, "expression") === true;
      } catch (thrown) {
        if (!(thrown instanceof ScriptError) || Date.now() >= deadline) throw thrown;
        error ??= thrown.message;
        return false;
      }
    });
    if (all) selected.push(i);
  });
  return { kind: "selection", selected, error };
}

function runIn(context: QuickJSContext, request: One): ScriptValue {
  const code = translatePatterns(request.code);
  if (request.kind === "syntax") {
    // A function is parsed and never called.
    evaluate(context, `(function () {\n${code}\n})`, "script");
    return { kind: "boolean", value: true };
  }
  prepare(context);
  for (const [name, json] of Object.entries(request.objects)) setObject(context, name, json);
  if (request.kind === "test") return test(context, code, request.help);
  for (const [name, text] of Object.entries(request.strings)) setString(context, name, text);
  const type = evaluate(
    context,
    `var __result = (function () {\n${code}\n})(); __result === null ? "undefined" : typeof __result`,
    "function",
  );
  if (type === "string") return { kind: "string", value: bounded(String(evaluate(context, "__result", "result"))) };
  if (type !== "undefined")
    throw new ScriptError(`bad mutator result: got ${JSON.stringify(type)}, want string or undefined`);
  const value: Record<string, string> = {};
  for (const name of Object.keys(request.objects)) {
    value[name] = bounded(String(evaluate(context, `JSON.stringify(${name})`, "result")));
  }
  return { kind: "objects", value };
}

function test(context: QuickJSContext, code: string, help: Help | undefined): ScriptValue {
  if (help) {
    setString(context, "__answers", JSON.stringify(help.answers));
    evaluate(context, ASK_PRELUDE, "prelude");
    evaluate(context, help.library, "library");
  }
  setString(context, "__code", code);
  let value: unknown;
  let thrown: unknown;
  try {
    value = evaluate(context, "!!(0, eval)(__code)", "expression");
  } catch (error) {
    thrown = error;
  }
  // The expression may have caught what ended its question.
  const questions = help ? askedBy(context) : [];
  if (questions.length > 0) return { kind: "asked", questions };
  if (thrown !== undefined) throw thrown;
  return { kind: "boolean", value: value === true };
}

function askedBy(context: QuickJSContext): readonly string[] {
  const asked: unknown = JSON.parse(bounded(String(evaluate(context, "__asked()", "asked"))));
  if (!Array.isArray(asked) || asked.length > MAX_QUESTIONS) throw new ScriptError("asks too much");
  return asked.map(String);
}

function bounded(text: string): string {
  if (text.length > MAX_RESULT) throw new ScriptError("the result is too large");
  return text;
}

const quickjs = await getQuickJS();
parentPort?.on("message", (request: ScriptRequest) => {
  let answer: ScriptAnswer;
  try {
    answer = { id: request.id, ok: true, value: run(quickjs, request) };
  } catch (error) {
    answer = { id: request.id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
