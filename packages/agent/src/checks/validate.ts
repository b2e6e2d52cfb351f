/** What makes a received check impossible to run or its result impossible to accept (R-68, W-93 step 6). */
import type { CheckConfig } from "@sensu-ts/core";

const NAME = /^[\w.:-]+$/;

/** The reason, or `undefined` for a good check. */
export function checkProblem(config: CheckConfig): string | undefined {
  const problem = firstProblem(config);
  return problem === undefined ? undefined : `given check is invalid: ${problem}`;
}

function firstProblem(config: CheckConfig): string | undefined {
  const { name, namespace } = config.metadata;
  if (name === "") return "check name must not be empty";
  if (!NAME.test(name)) return "check name cannot contain spaces or special characters";
  if (config.cron !== "" && config.interval > 0) return "must only specify either an interval or a cron schedule";
  if (config.cron === "" && config.interval === 0) {
    return "check interval must be greater than 0 or a valid cron schedule must be provided";
  }
  if (namespace === "") return "namespace must be set";
  if (config.proxy_entity_name !== "" && !NAME.test(config.proxy_entity_name)) {
    return "proxy entity name cannot contain spaces or special characters";
  }
  if (config.pipelines.length > 0 && config.fallback_pipeline !== undefined) {
    return "cannot have both pipelines and fallback_pipeline defined at the same time";
  }
  return undefined;
}
