import { decodeJson, Event, encodeJson } from "@sensu-ts/core";
import type { Sandbox } from "@sensu-ts/runtime";
import type { EventReader, Scripts } from "./ports.ts";
import { mutableEvent, scriptEvent } from "./script-value.ts";
import { answerOf, SENSU_OBJECT } from "./sensu-object.ts";

export function sandboxScripts(sandbox: Sandbox, reader: EventReader): Scripts {
  return {
    test(expression, event) {
      const objects = { event: scriptEvent(event) };
      if (!/\bsensu\b/.test(expression)) return sandbox.test(expression, objects);
      return sandbox.testAsking(expression, objects, SENSU_OBJECT, (question) => answerOf(reader, event, question));
    },
    async mutate(code, event, variables, timeoutMs) {
      const result = await sandbox.call(code, { event: mutableEvent(event) }, variables, { timeoutMs });
      // Read back as an event: a value of a wrong type is an error, and the text is the API's again.
      return typeof result === "string" ? result : encodeJson(Event, decodeJson(Event, result["event"] ?? ""));
    },
  };
}
