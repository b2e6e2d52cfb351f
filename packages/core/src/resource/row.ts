/** Builders of registry rows: what all types with metadata have in common. */
import type { MessageType } from "../codec/schema.ts";
import { ObjectMeta } from "../types/meta.ts";
import { shownLabels } from "../types/redact.ts";
import type { ResourceType } from "./type.ts";

type Shared =
  | "name"
  | "alias"
  | "apiVersion"
  | "scope"
  | "rbac"
  | "path"
  | "storePrefix"
  | "command"
  | "methods"
  | "generic"
  | "allNamespaces"
  | "fieldPrefix";

/** A row as it is written down; what is left out follows from the rest (see {@link row}). */
export interface RowBase<T> extends Partial<Pick<ResourceType, Shared>> {
  readonly message: MessageType<T>;
  readonly rbac: string;
  readonly fieldPrefix: string;
  /** Selector fields besides name and namespace. */
  readonly fields?: (value: T) => Readonly<Record<string, string>>;
  validate(value: T): T;
}

type Identity<T> = Pick<ResourceType<T>, "id" | "withId" | "withCreatedBy" | "labels">;

export const ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** Defaults: namespaced, generic, all methods, path and store prefix as the RBAC name. */
export function row<T>(base: RowBase<T>, identity: Identity<T>): ResourceType<T> {
  const { fields, message, rbac } = base;
  const name = base.name ?? message.name;
  const scope = base.scope ?? "namespaced";
  return {
    name,
    alias: base.alias ?? snakeCase(name),
    apiVersion: base.apiVersion ?? "core/v2",
    scope,
    rbac,
    path: base.path ?? rbac,
    storePrefix: base.storePrefix ?? rbac,
    ...(base.command === undefined ? {} : { command: base.command }),
    methods: base.methods ?? ALL_METHODS,
    generic: base.generic ?? true,
    allNamespaces: base.allNamespaces ?? scope === "namespaced",
    message,
    fieldPrefix: base.fieldPrefix,
    ...identity,
    selectorFields(value) {
      const { name: own, namespace } = identity.id(value);
      const common: Record<string, string> = scope === "namespaced" ? { name: own, namespace } : { name: own };
      return fields === undefined ? common : { ...common, ...fields(value) };
    },
    validate: base.validate,
  };
}

/** Types whose metadata is always there. */
export function withMetadata<T extends { readonly metadata: ObjectMeta }>(base: RowBase<T>): ResourceType<T> {
  return row<T>(base, {
    id: ({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }),
    withId: (value, id) => ({ ...value, metadata: { ...value.metadata, ...id } }),
    withCreatedBy: (value, user) => ({ ...value, metadata: { ...value.metadata, created_by: user } }),
    labels: shownLabels,
  });
}

/** core/v3 types, whose metadata may be missing in a message. */
export function withOptionalMetadata<T extends { readonly metadata?: ObjectMeta | undefined }>(
  base: RowBase<T>,
): ResourceType<T> {
  const metadata = (value: T): ObjectMeta => value.metadata ?? ObjectMeta.create();
  return row<T>(base, {
    id: (value) => ({ namespace: metadata(value).namespace, name: metadata(value).name }),
    withId: (value, id) => ({ ...value, metadata: { ...metadata(value), ...id } }),
    withCreatedBy: (value, user) => ({ ...value, metadata: { ...metadata(value), created_by: user } }),
    labels: shownLabels,
  });
}

/** Types without metadata; `key` is the field that names the value, absent for a singleton. */
export function withoutMetadata<T>(base: RowBase<T>, key?: keyof T): ResourceType<T> {
  return row<T>(base, {
    id: (value) => ({ namespace: "", name: key === undefined ? "" : String(value[key]) }),
    withId: (value, { name }) => (key === undefined ? value : { ...value, [key]: name }),
    withCreatedBy: (value) => value,
    labels: () => NO_LABELS,
  });
}
