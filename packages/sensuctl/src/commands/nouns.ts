/** The nouns that are resource types: which type, how it is called, how it is shown. */
import {
  APIKey,
  Asset,
  CheckConfig,
  ClusterRole,
  ClusterRoleBinding,
  Entity,
  Event,
  EventFilter,
  FallbackPipeline,
  Handler,
  HookConfig,
  type MessageType,
  Mutator,
  Namespace,
  Pipeline,
  type ResourceType,
  Role,
  RoleBinding,
  resourceOf,
  Silenced,
  TessenConfig,
  User,
} from "@sensu-ts/core";
import {
  apiKeyLayout,
  clusterRoleBindingLayout,
  clusterRoleLayout,
  namespaceLayout,
  roleBindingLayout,
  roleLayout,
  userLayout,
} from "../print/access.ts";
import { assetLayout } from "../print/asset.ts";
import { checkLayout } from "../print/check.ts";
import { entityLayout } from "../print/entity.ts";
import { eventLayout } from "../print/event.ts";
import { filterLayout } from "../print/filter.ts";
import { handlerLayout } from "../print/handler.ts";
import { hookLayout } from "../print/hook.ts";
import type { Layout } from "../print/layout.ts";
import { mutatorLayout } from "../print/mutator.ts";
import { fallbackPipelineLayout, pipelineLayout } from "../print/pipeline.ts";
import { silencedLayout } from "../print/silenced.ts";

export interface Noun<T> {
  /** As in summaries and, unless `confirmed` says otherwise, in the question before a deletion. */
  readonly word: string;
  readonly plural: string;
  /** The word in `delete <confirmed> 'name'?` (C-66). */
  readonly confirmed: string;
  readonly type: ResourceType<T>;
  readonly layout: Layout<T>;
}

function noun<T>(
  message: MessageType<T>,
  layout: Layout<T>,
  word: string,
  plural: string,
  confirmed?: string,
): Noun<T> {
  const asked = confirmed ?? `${word.replaceAll(" ", "-")} resource`;
  return { word, plural, confirmed: asked, type: resourceOf(message), layout };
}

export const apiKeyNoun = noun(APIKey, apiKeyLayout, "API key", "API keys", "apikey resource");
export const assetNoun = noun(Asset, assetLayout, "asset", "assets");
export const checkNoun = noun(CheckConfig, checkLayout, "check", "checks");
export const clusterRoleNoun = noun(ClusterRole, clusterRoleLayout, "cluster role", "cluster roles");
export const clusterRoleBindingNoun = noun(
  ClusterRoleBinding,
  clusterRoleBindingLayout,
  "cluster role binding",
  "cluster role bindings",
  "resource",
);
export const entityNoun = noun(Entity, entityLayout, "entity", "entities");
export const eventNoun = noun(Event, eventLayout, "event", "events");
export const fallbackPipelineNoun = noun(
  FallbackPipeline,
  fallbackPipelineLayout,
  "fallback pipeline",
  "fallback pipelines",
);
export const filterNoun = noun(EventFilter, filterLayout, "filter", "filters");
export const handlerNoun = noun(Handler, handlerLayout, "handler", "handlers");
export const hookNoun = noun(HookConfig, hookLayout, "hook", "hooks");
export const mutatorNoun = noun(Mutator, mutatorLayout, "mutator", "mutators");
export const namespaceNoun = noun(Namespace, namespaceLayout, "namespace", "namespaces");
export const pipelineNoun = noun(Pipeline, pipelineLayout, "pipeline", "pipelines");
export const roleNoun = noun(Role, roleLayout, "role", "roles");
export const roleBindingNoun = noun(RoleBinding, roleBindingLayout, "role binding", "role bindings");
export const silencedNoun = noun(Silenced, silencedLayout, "silence", "silences");
export const tessenNoun = noun(
  TessenConfig,
  {
    columns: [],
    info: ({ opt_out }) => ({ title: "Tessen Configuration", rows: [["Opt-Out", String(opt_out)]] }),
  },
  "telemetry setting",
  "telemetry settings",
);
export const userNoun = noun(User, userLayout, "user", "users");
