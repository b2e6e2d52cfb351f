/** JavaScript in resources that only newer engines than the original's can read: taken, with a warning (P-116). */
import { Asset, CheckConfig, EventFilter, Mutator, type ResourceType } from "@sensu-ts/core";
import { newerThanEs5 } from "@sensu-ts/runtime";

interface Script {
  /** Place in the resource, such as `expressions[0]`. */
  readonly at: string;
  readonly code: string;
  readonly form: "program" | "body";
}

/** What is told of one resource. */
const MOST_WARNINGS = 5;

/** One sentence for each script of `value` that the original's backend could not read. */
export function scriptWarnings(type: ResourceType, value: unknown): readonly string[] {
  const warnings: string[] = [];
  for (const { at, code, form } of scriptsOf(type, value)) {
    const newer = newerThanEs5(code, form);
    if (newer === undefined) continue;
    if (warnings.length === MOST_WARNINGS) return [...warnings, "and others"];
    const { name } = type.id(value);
    warnings.push(`${type.name} ${name}: ${at} is newer than ES5, Sensu Go's own backend cannot read it: ${newer}`);
  }
  return warnings;
}

function scriptsOf({ message }: ResourceType, value: unknown): readonly Script[] {
  switch (message.name) {
    case EventFilter.name:
      return programs("expressions", (value as EventFilter).expressions);
    case CheckConfig.name:
      return programs(
        "proxy_requests.entity_attributes",
        (value as CheckConfig).proxy_requests?.entity_attributes ?? [],
      );
    case Asset.name: {
      const { builds, filters } = value as Asset;
      if (builds.length === 0) return programs("filters", filters);
      return builds.flatMap((build, i) => programs(`builds[${i}].filters`, build.filters));
    }
    case Mutator.name: {
      const mutator = value as Mutator;
      return mutator.type === "javascript" ? [{ at: "eval", code: mutator.eval, form: "body" }] : [];
    }
    default:
      return [];
  }
}

function programs(field: string, expressions: readonly string[]): readonly Script[] {
  return expressions.map((code, i) => ({ at: `${field}[${i}]`, code, form: "program" }));
}
