import { EntityConfig, plainValue, SensuError } from "@sensu-ts/core";
import type { Logger, Sandbox } from "@sensu-ts/runtime";
import type { EntityMatcher } from "./ports.ts";

/** Entities asked in one go: other scripts wait for no more than these. */
const AT_ONCE = 500;

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
      for (let start = 0; start < entities.length; start += AT_ONCE) {
        const some = entities.slice(start, start + AT_ONCE);
        matching.push(...(await matchSome(sandbox, usable, some, log)));
      }
      return matching;
    },
  };
}

async function matchSome(
  sandbox: Sandbox,
  expressions: readonly string[],
  entities: readonly EntityConfig[],
  log: Logger,
): Promise<readonly EntityConfig[]> {
  const values = entities.map((entity) => JSON.stringify(plainValue(EntityConfig, entity)));
  try {
    const { selected, error } = await sandbox.select(expressions, "entity", values);
    if (error !== undefined) log.debug({ expressions, error }, "entity attribute failed");
    const chosen = new Set(selected);
    return entities.filter((_, i) => chosen.has(i));
  } catch (error) {
    if (!(error instanceof SensuError) || error.code !== "invalid") throw error;
    log.error({ expressions, entities: entities.length, error }, "entity attributes took too long, no entity matches");
    return [];
  }
}
