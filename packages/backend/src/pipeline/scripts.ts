import { decodeJson, Event, encodeJson, SensuError } from "@sensu-ts/core";
import type { Sandbox } from "@sensu-ts/runtime";
import type { EventReader, Examination, Scripts } from "./ports.ts";
import { mutableEvent, scriptEvent } from "./script-value.ts";
import { answerOf, SENSU_OBJECT } from "./sensu-object.ts";

function examination(sandbox: Sandbox, reader: EventReader, event: Event, expressions: readonly string[]): Examination {
  let objects: Readonly<Record<string, string>> = { event: scriptEvent(event) };
  const asking = { library: SENSU_OBJECT, answer: (question: string) => answerOf(reader, event, question) };
  return {
    async test(i) {
      const expression = expressions[i] ?? "";
      const more = /\bsensu\b/.test(expression) ? { asking } : {};
      // Nobody looks at what the last one leaves.
      if (i >= expressions.length - 1) return sandbox.test(expression, objects, more);
      const { truth, error, objects: left } = await sandbox.testInTurn(expression, objects, more);
      objects = left;
      if (truth === undefined) throw new SensuError("invalid", error);
      return truth;
    },
  };
}

export function sandboxScripts(sandbox: Sandbox, reader: EventReader): Scripts {
  return {
    examine: (event, expressions) => examination(sandbox, reader, event, expressions),
    async mutate(code, event, variables, timeoutMs) {
      const result = await sandbox.call(code, { event: mutableEvent(event) }, variables, { timeoutMs });
      // Read back as an event: a value of a wrong type is an error, and the text is the API's again.
      return typeof result === "string" ? result : encodeJson(Event, decodeJson(Event, result["event"] ?? ""));
    },
  };
}
