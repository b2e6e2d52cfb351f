import type { MessageType } from "../codec/schema.ts";

/**
 * One row of the resource registry (design 4): everything generic code needs to know of a type. REST routes, RBAC
 * attributes, selectors, `dump`, `create`, `describe-type` derive from it.
 */
export interface ResourceType<T = unknown> {
  /** As in `type:` of an envelope, e.g. `CheckConfig`. */
  readonly name: string;
  /** Snake-case name also accepted in `type:`, e.g. `check_config`. */
  readonly alias: string;
  /** e.g. `core/v2`. */
  readonly apiVersion: string;
  readonly scope: "cluster" | "namespaced";
  /** Collection in rules, URL path and sensuctl short name, e.g. `checks`. */
  readonly rbac: string;
  /** URL segment of the collection. */
  readonly path: string;
  /** Folder in the store under `/sensu.io/`, e.g. `rbac/roles`. */
  readonly storePrefix: string;
  /** sensuctl noun, e.g. `check`; absent when there is no command. */
  readonly command?: string;
  /** HTTP methods of the collection and its members. */
  readonly methods: readonly ("GET" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  /** Served by the generic routes; otherwise an action file of its own serves it. */
  readonly generic: boolean;
  /** Whether the list exists without `/namespaces/{ns}`. */
  readonly allNamespaces: boolean;
  readonly message: MessageType<T>;
  /** Prefix in selectors, e.g. `check` in `check.name`. */
  readonly fieldPrefix: string;
  /** Identity of a value; `namespace` is empty for cluster-wide types. */
  id(value: T): { readonly namespace: string; readonly name: string };
  /** The same value with identity set (what a URL or an envelope says). */
  withId(value: T, id: { readonly namespace: string; readonly name: string }): T;
  /** The value with `created_by` set; types without metadata return it unchanged. */
  withCreatedBy(value: T, user: string): T;
  /** As readers and their selectors see them: what is redacted stays so (S-382). */
  readonly labels: (value: T) => Readonly<Record<string, string>>;
  /** Selector fields without the prefix, labels not included. */
  readonly selectorFields: (value: T) => Readonly<Record<string, string>>;
  /** Throws `SensuError("invalid")`; returns the value as it is stored (split verbs, filled names). */
  validate(value: T): T;
}
