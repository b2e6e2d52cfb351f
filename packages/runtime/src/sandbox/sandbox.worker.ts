/** The thread of the sandbox: each script runs in an interpreter of its own, in WebAssembly memory (P-118, P-120). */
import { parentPort } from "node:worker_threads";
import type { QuickJSContext } from "quickjs-emscripten";
import { evaluate, Interpreter, ScriptError, setString } from "./interpreter.ts";
import { ASK_PRELUDE } from "./prelude.ts";
import { BEGUN, type Script, type ScriptAnswer, type ScriptRequest, type ScriptValue } from "./protocol.ts";
import { translatePatterns } from "./re2.ts";

const MAX_RESULT = 4 << 20;
const MAX_QUESTIONS = 1000;

type One = Exclude<Script, { kind: "select" }>;
type Test = Extract<Script, { kind: "test" }>;
type Select = Extract<Script, { kind: "select" }>;

function setObject(context: QuickJSContext, name: string, json: string): void {
  setString(context, "__json", json);
  evaluate(context, `var ${name} = JSON.parse(__json); __flatten(${name}); delete this.__json;`, "objects");
}

/** One run for all values: putting the interpreter in order takes longer than most expressions. */
function select(context: QuickJSContext, { expressions, name, values }: Select, deadline: number): ScriptValue {
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
  for (const [name, json] of Object.entries(request.objects)) setObject(context, name, json);
  if (request.kind === "test") return test(context, request, code);
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

function test(context: QuickJSContext, { objects, help, keep }: Test, code: string): ScriptValue {
  if (help) {
    setString(context, "__answers", JSON.stringify(help.answers));
    evaluate(context, ASK_PRELUDE, "prelude");
    evaluate(context, help.library, "library");
  }
  if (keep) evaluate(context, keepCode(Object.keys(objects)), "objects");
  setString(context, "__code", code);
  let truth: boolean | undefined;
  let thrown: unknown;
  try {
    truth = evaluate(context, "!!(0, eval)(__code)", "expression") === true;
  } catch (error) {
    thrown = error;
  }
  // The expression may have caught what ended its question.
  const questions = help ? askedBy(context) : [];
  if (questions.length > 0) return { kind: "asked", questions };
  if (keep && (thrown === undefined || thrown instanceof ScriptError)) {
    return { kind: "tested", truth, error: thrown?.message ?? "", objects: { ...objects, ...leftBy(context) } };
  }
  if (truth === undefined) throw thrown;
  return { kind: "boolean", value: truth };
}

/** The objects themselves, whatever the expression makes of their names. */
function keepCode(names: readonly string[]): string {
  const given = names.map((name) => `${name}: ${name}`).join(", ");
  return `var __left = (function (given, text) { return function () { return text(given); }; })({ ${given} }, JSON.stringify);`;
}

/** Empty when the objects cannot be written out: cyclic, too long, or there is no time left. */
function leftBy(context: QuickJSContext): Readonly<Record<string, string>> {
  try {
    const left = JSON.parse(bounded(String(evaluate(context, "__left()", "objects")))) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(left).map(([name, value]) => [name, JSON.stringify(value)]));
  } catch {
    return {};
  }
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

let interpreter = await Interpreter.make();

function run(request: ScriptRequest): ScriptValue {
  const deadline = Date.now() + request.timeoutMs;
  return interpreter.run({ deadline, memoryBytes: request.memoryBytes }, (context) =>
    request.kind === "select" ? select(context, request, deadline) : runIn(context, request),
  );
}

async function answer(request: ScriptRequest): Promise<void> {
  let answer: ScriptAnswer;
  let usable = true;
  try {
    answer = { id: request.id, ok: true, value: run(request) };
  } catch (error) {
    usable = error instanceof ScriptError;
    answer = { id: request.id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  // Before the answer: the next script comes after it.
  if (!usable || interpreter.outgrown) interpreter = await Interpreter.make();
  parentPort?.postMessage(answer);
}

parentPort?.on("message", (request: ScriptRequest) => void answer(request));
parentPort?.postMessage(BEGUN);
