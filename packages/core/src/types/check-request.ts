import { embedded, type Infer, i64, message, messageMap, messages, optional, str, strings } from "../codec/schema.ts";
import { Asset, AssetList } from "./asset.ts";
import { CheckConfig } from "./check.ts";
import { HookConfig } from "./hook.ts";
import { ObjectMeta } from "./meta.ts";

/** What the backend sends an agent to have a check run (R-137, P-21). */
export const CheckRequest = message("CheckRequest", {
  config: optional(1, "O", () => CheckConfig),
  assets: messages(2, "N", () => Asset),
  hooks: messages(3, "N", () => HookConfig),
  issued: i64(4, "A"),
  hook_assets: messageMap(5, "N", () => AssetList),
  secrets: strings(6, "O"),
});
export interface CheckRequest extends Infer<typeof CheckRequest> {}

/** Body of an ad-hoc execution; `metadata.name` is the check's name. */
export const AdhocRequest = message("AdhocRequest", {
  subscriptions: strings(2, "O"),
  creator: str(3, "O"),
  reason: str(4, "O"),
  metadata: embedded(5, "A", () => ObjectMeta),
});
export interface AdhocRequest extends Infer<typeof AdhocRequest> {}
