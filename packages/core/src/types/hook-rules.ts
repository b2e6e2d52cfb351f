/** and the hook lists of R-74. */
import { invalid } from "../errors.ts";
import type { Hook, HookConfig } from "./hook.ts";
import { requireNamespace, validateName } from "./name-rules.ts";
import type { HookList } from "./shared.ts";

export function validateHookConfig(hook: HookConfig): HookConfig {
  validateName("hook name", hook.metadata.name);
  if (hook.command === "") throw invalid("command cannot be empty");
  if (hook.timeout === 0) throw invalid("hook timeout must be greater than 0");
  requireNamespace(hook.metadata.namespace);
  return hook;
}

export function validateHook(hook: Hook): Hook {
  validateHookConfig(hook.config);
  if (hook.status < 0) throw invalid("hook status must be greater than or equal to 0");
  return hook;
}

const HOOK_TYPE = /^(?:ok|warning|critical|unknown|non-zero|\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;

export function validateHookList(list: HookList): HookList {
  if (list.type === "") throw invalid("type cannot be empty");
  if (list.hooks.length === 0) throw invalid("hooks cannot be empty");
  if (!HOOK_TYPE.test(list.type)) {
    throw invalid('valid check hook types are "0"-"255", "ok", "warning", "critical", "unknown", and "non-zero"');
  }
  return list;
}
