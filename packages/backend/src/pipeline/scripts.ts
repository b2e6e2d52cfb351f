import { decodeJson, Event, encodeJson } from "@sensu-ts/core";
import type { Sandbox } from "@sensu-ts/runtime";
import type { Scripts } from "./ports.ts";
import { mutableEvent, scriptEvent } from "./script-value.ts";

export function sandboxScripts(sandbox: Sandbox): Scripts {
  return {
    test: (expression, event) => sandbox.test(expression, { event: scriptEvent(event) }),
    async mutate(code, event, variables, timeoutMs) {
      const result = await sandbox.call(code, { event: mutableEvent(event) }, variables, { timeoutMs });
      // Read back as an event: a value of a wrong type is an error, and the text is the API's again.
      return typeof result === "string" ? result : encodeJson(Event, decodeJson(Event, result["event"] ?? ""));
    },
  };
}
