import { decodeJson, EntityConfig, Event, encodeJson, SensuError } from "@sensu-ts/core";
import type { Logger, Sandbox } from "@sensu-ts/runtime";
import type { EntityMatcher } from "../schedule/mod.ts";
import type { Scripts } from "./ports.ts";
import { mutableEvent, plainValue, scriptEvent } from "./script-value.ts";

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

/** Entities of proxy checks (P-32). */
export function sandboxMatcher(sandbox: Sandbox, log: Logger): EntityMatcher {
  return {
    async match(expressions, entities) {
      const usable: string[] = [];
      for (const expression of expressions) {
        const error = await sandbox.checkSyntax(expression);
        if (error === undefined) usable.push(expression);
        else log.error({ expression, error }, "syntax error in entity attribute, skipping it");
      }
      if (usable.length === 0) return [];
      const matching: EntityConfig[] = [];
      for (const entity of entities) {
        const objects = { entity: JSON.stringify(plainValue(EntityConfig, entity)) };
        if (await holdsAll(sandbox, usable, objects, log)) matching.push(entity);
      }
      return matching;
    },
  };
}

async function holdsAll(
  sandbox: Sandbox,
  expressions: readonly string[],
  objects: Readonly<Record<string, string>>,
  log: Logger,
): Promise<boolean> {
  for (const expression of expressions) {
    try {
      if (!(await sandbox.test(expression, objects))) return false;
    } catch (error) {
      if (!(error instanceof SensuError) || error.code !== "invalid") throw error;
      log.debug({ expression, error }, "entity attribute failed");
      return false;
    }
  }
  return true;
}
