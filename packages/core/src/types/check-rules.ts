/** What a check definition and a check inside an event must satisfy. */
import { int } from "../codec/schema.ts";
import { invalid } from "../errors.ts";
import { parseCron } from "../schedule/cron.ts";
import { validateSubdues, validateTimeWindow } from "../schedule/windows.ts";
import type { Check, CheckConfig } from "./check.ts";
import { requireNamespace, validateAssetName, validateName, within } from "./name-rules.ts";
import type { MetricThreshold, MetricThresholdRule, ProxyRequests } from "./shared.ts";

export const OUTPUT_METRIC_FORMATS = [
  "nagios_perfdata",
  "graphite_plaintext",
  "opentsdb_line",
  "influxdb_line",
  "prometheus_text",
] as const;

export function validateCheckConfig(check: CheckConfig): CheckConfig {
  validateName("check name", check.metadata.name);
  if (check.cron !== "") validateCron(check);
  if (check.interval === 0 && check.cron === "") {
    throw invalid("check interval must be greater than 0 or a valid cron schedule must be provided");
  }
  requireNamespace(check.metadata.namespace);
  validateTtl(check);
  validateTargets(check);
  const fallback = check.fallback_pipeline;
  // Some clients write an unset reference as three empty texts; agents refuse it next to pipelines.
  const unset = fallback !== undefined && fallback.name === "" && fallback.type === "" && fallback.api_version === "";
  if (check.pipelines.length > 0 && fallback !== undefined && !unset) {
    throw invalid("must only specify either pipelines or a fallback pipeline");
  }
  validateSubdues(check.subdues);
  validateTimeWindow(check.subdue);
  return unset ? { ...check, fallback_pipeline: undefined } : check;
}

export function validateCheck(check: Check): Check {
  validateName("check name", check.metadata.name);
  if (check.publish) {
    if (check.cron !== "") validateCron(check);
    else if (check.interval < 1) throw invalid("check interval must be greater than or equal to 1");
  }
  validateTtl(check);
  if (check.ttl > 0 && check.ttl < 5) throw invalid("minimum ttl is 5 seconds");
  validateTargets(check);
  if (check.max_output_size < 0) throw invalid("MaxOutputSize must be >= 0");
  const thresholds = check.output_metric_thresholds;
  for (const [index, threshold] of thresholds.entries()) {
    within(`invalid metric threshold ${index}: `, () => validateMetricThreshold(threshold));
  }
  validateSubdues(check.subdues);
  validateTimeWindow(check.subdue);
  if (thresholds.length === 0) return check;
  return { ...check, output_metric_thresholds: thresholds.map(trimmed) };
}

type Scheduled = Pick<CheckConfig, "cron" | "interval" | "ttl">;

function validateCron(check: Scheduled): void {
  if (check.interval > 0) throw invalid("must only specify either an interval or a cron schedule");
  within("check cron string is invalid: ", () => parseCron(check.cron));
}

function validateTtl(check: Scheduled): void {
  if (check.ttl > 0 && int(check.ttl) <= check.interval) throw invalid("ttl must be greater than check interval");
}

type Targeted = Pick<
  CheckConfig,
  | "runtime_assets"
  | "subscriptions"
  | "proxy_entity_name"
  | "proxy_requests"
  | "output_metric_format"
  | "low_flap_threshold"
  | "high_flap_threshold"
  | "env_vars"
>;

function validateTargets(check: Targeted): void {
  for (const name of check.runtime_assets) validateAssetName(name, "asset's ");
  if (check.subscriptions.includes("")) throw invalid("subscriptions cannot be empty strings");
  if (check.proxy_entity_name !== "") validateName("proxy entity name", check.proxy_entity_name);
  if (check.proxy_requests !== undefined) validateProxyRequests(check.proxy_requests);
  const format = check.output_metric_format;
  if (format !== "" && !(OUTPUT_METRIC_FORMATS as readonly string[]).includes(format)) {
    throw invalid("output metric format is not valid");
  }
  const { low_flap_threshold: low, high_flap_threshold: high } = check;
  if (low !== 0 && high !== 0 && low >= high) throw invalid("invalid flap thresholds");
  for (const variable of check.env_vars) {
    if (!/^[^=]+=./s.test(variable)) throw invalid("environment variables must be of the form FOO=BAR");
  }
}

/** The expressions are parsed where there is an engine, not here. */
export function validateProxyRequests(requests: ProxyRequests): void {
  if (requests.splay_coverage > 100) throw invalid("proxy request splay coverage must be between 0 and 100");
  if (requests.splay && requests.splay_coverage === 0) {
    throw invalid("proxy request splay coverage must be greater than 0 if splay is enabled");
  }
}

export function validateMetricThreshold(threshold: MetricThreshold): void {
  validateName("metric threshold name", threshold.name);
  if (threshold.thresholds.length === 0) throw invalid("there must be at least one threshold rule");
  for (const [index, rule] of threshold.thresholds.entries()) within(`rule ${index}: `, () => validateRule(rule));
  for (const [index, tag] of threshold.tags.entries()) {
    within(`tag ${index}: `, () => {
      validateName("metric threshold tag name", tag.name);
      if (tag.value === "") throw invalid("metric threshold tag value must not be empty");
    });
  }
}

const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x[\da-f]*\.?[\da-f]*p[+-]?\d+|inf(?:inity)?|nan)$/i;

function validateRule(rule: MetricThresholdRule): void {
  const { min, max } = trimmedRule(rule);
  if (min === "" && max === "") throw invalid("One of Min or Max required");
  if (min !== "" && !FLOAT.test(min)) throw invalid("Min must be a floating point number");
  if (max !== "" && !FLOAT.test(max)) throw invalid("Max but be a floating point number");
}

function trimmed(threshold: MetricThreshold): MetricThreshold {
  return { ...threshold, thresholds: threshold.thresholds.map(trimmedRule) };
}

function trimmedRule(rule: MetricThresholdRule): MetricThresholdRule {
  return { ...rule, min: rule.min.trim(), max: rule.max.trim() };
}
