/** HookConfig (the definition, R-80) and Hook (one result inside a check, R-81). */
import { bool, embedded, f64, type Infer, i32, i64, type Json, message, str, strings, u32 } from "../codec/schema.ts";
import { ObjectMeta } from "./meta.ts";

export const HookConfig = message("HookConfig", {
  metadata: embedded(1, "A", () => ObjectMeta),
  command: str(2, "O"),
  timeout: u32(3, "A"),
  stdin: bool(4, "A"),
  runtime_assets: strings(5, "N"),
});
export interface HookConfig extends Infer<typeof HookConfig> {}

const RESULT_KEYS = new Set(["config", "duration", "executed", "issued", "output", "status"]);

/** JSON flattens the config: its keys first, then the result's. */
export const Hook = message(
  "Hook",
  {
    config: embedded(1, "A", () => HookConfig),
    duration: f64(2, "O"),
    executed: i64(3, "A"),
    issued: i64(4, "A"),
    output: str(5, "O"),
    status: i32(6, "A"),
  },
  {
    toJson(_value, tree) {
      const { config, ...result } = tree;
      return { ...(config as Record<string, Json>), ...result };
    },
    fromJson(tree) {
      const config: Record<string, Json> = {};
      const result: Record<string, Json> = {};
      for (const [key, value] of Object.entries(tree)) {
        if (RESULT_KEYS.has(key.toLowerCase())) result[key] = value;
        else config[key] = value;
      }
      return { ...result, config };
    },
  },
);
export interface Hook extends Infer<typeof Hook> {}
