import { EventFilter, FallbackPipeline, Handler, Mutator, Pipeline, resourceOf } from "@sensu-ts/core";
import type { ResourceCache } from "@sensu-ts/store";

const TYPES = {
  pipeline: resourceOf(Pipeline),
  fallback: resourceOf(FallbackPipeline),
  handler: resourceOf(Handler),
  filter: resourceOf(EventFilter),
  mutator: resourceOf(Mutator),
};
const PREFIXES = new Set(Object.values(TYPES).map((type) => type.storePrefix));

/** What pipelines are made of, from memory. */
export interface Definitions {
  pipeline(namespace: string, name: string): Pipeline | undefined;
  fallback(namespace: string, name: string): FallbackPipeline | undefined;
  handler(namespace: string, name: string): Handler | undefined;
  filter(namespace: string, name: string): EventFilter | undefined;
  mutator(namespace: string, name: string): Mutator | undefined;
  /** Calls back after any of them changed. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

export function cachedDefinitions(cache: ResourceCache): Definitions {
  return {
    pipeline: (namespace, name) => cache.get(TYPES.pipeline, namespace, name),
    fallback: (namespace, name) => cache.get(TYPES.fallback, namespace, name),
    handler: (namespace, name) => cache.get(TYPES.handler, namespace, name),
    filter: (namespace, name) => cache.get(TYPES.filter, namespace, name),
    mutator: (namespace, name) => cache.get(TYPES.mutator, namespace, name),
    onChange: (listener) =>
      cache.onChange(({ type }) => {
        if (PREFIXES.has(type.storePrefix)) listener();
      }),
  };
}
