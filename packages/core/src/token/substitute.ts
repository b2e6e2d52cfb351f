/** Token substitution in checks, hooks and assets (W-109 to W-114). */
import { invalid, SensuError } from "../errors.ts";
import type { CheckConfig } from "../types/check.ts";
import type { Entity, EntityConfig } from "../types/entity.ts";
import { ObjectMeta } from "../types/meta.ts";
import { evaluate, PlacedError } from "./evaluate.ts";
import { TemplateSyntaxError } from "./lexer.ts";
import { type Node, parseTemplate } from "./parser.ts";
import { TemplateRunError, type Value } from "./values.ts";

const NO_VALUE = "<no value>";

/**
 * Every text at any depth of a message is a template of its own; the rest is kept. Gives the same object back when
 * nothing changes. Throws `SensuError("invalid")` that names the field.
 */
export function substituteTokens<T>(message: T, entity: Entity | EntityConfig): T {
  const data = entityData(entity);
  return walk("", message, data) as T;
}

/** The backend's half: the tokens of a proxy entity, before the check goes to an agent (P-33). */
export function substituteCheck(check: CheckConfig, entity: EntityConfig): CheckConfig {
  return substituteTokens(check, entity);
}

function walk(key: string, value: unknown, data: Value): unknown {
  if (typeof value === "string") return substitute(key, value, data);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item, i) => {
      try {
        return walk(key, item, data);
      } catch (error) {
        if (!(error instanceof SensuError)) throw error;
        throw invalid(`couldn't evaluate template for ${key}: ${error.message} (array ${i})`, error);
      }
    });
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [name, part] of Object.entries(value)) {
    const replaced = walk(name, part, data);
    if (replaced === part) continue;
    changed ??= { ...value };
    changed[name] = replaced;
  }
  return changed ?? value;
}

/** One text. `key` is the name of its field, for the error. */
function substitute(key: string, text: string, data: Value): string {
  if (!text.includes("{{") && !text.includes(NO_VALUE)) return text;
  let nodes: readonly Node[];
  try {
    nodes = parseTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error;
    const { line } = position(text, error.at);
    throw invalid(`${key}: could not parse the template: template: ${key}:${line}: ${error.message}`, error);
  }
  let result: string;
  try {
    result = evaluate(nodes, data, false);
  } catch (error) {
    if (error instanceof PlacedError)
      throw invalid(`could not execute the template: ${place(key, text, error)}`, error);
    if (!(error instanceof TemplateRunError)) throw error;
    throw invalid(`could not execute the template: template: ${key}: ${error.message}`, error);
  }
  if (result.includes(NO_VALUE)) throw invalid(`${key}: unmatched token: ${culprit(key, text, nodes, data)}`);
  return result;
}

function culprit(key: string, text: string, nodes: readonly Node[], data: Value): string {
  try {
    evaluate(nodes, data, true);
  } catch (error) {
    if (error instanceof PlacedError) return place(key, text, error);
    if (!(error instanceof TemplateRunError)) throw error;
  }
  return "found an undefined value but could not identify the token";
}

function place(key: string, text: string, error: PlacedError): string {
  const { line, column } = position(text, error.at);
  return `template: ${key}:${line}:${column}: executing ${JSON.stringify(key)} at <${error.source}>: ${error.message}`;
}

/** Line from 1, column in bytes from 0. */
function position(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const newline = before.lastIndexOf("\n");
  return {
    line: before.split("\n").length,
    column: new TextEncoder().encode(before.slice(newline + 1)).length,
  };
}

/** The entity as templates see it: metadata on the top level, nothing redacted (W-110). Only an agent's has `system`. */
function entityData(entity: Entity | EntityConfig): Value {
  const { name, namespace, labels, annotations, created_by } = entity.metadata ?? ObjectMeta.create();
  return {
    name,
    namespace,
    labels,
    annotations,
    created_by,
    entity_class: entity.entity_class,
    subscriptions: entity.subscriptions,
    user: entity.user,
    redact: entity.redact,
    deregister: entity.deregister,
    deregistration: { handler: entity.deregistration.handler },
    keepalive_handlers: entity.keepalive_handlers,
    ...("system" in entity ? stateData(entity) : {}),
  };
}

function stateData({ system, last_seen, sensu_agent_version }: Entity): { readonly [key: string]: Value } {
  return {
    last_seen,
    sensu_agent_version,
    system: {
      hostname: system.hostname,
      os: system.os,
      platform: system.platform,
      platform_family: system.platform_family,
      platform_version: system.platform_version,
      arch: system.arch,
      arm_version: system.arm_version,
      float_type: system.float_type,
      libc_type: system.libc_type,
      vm_system: system.vm_system,
      vm_role: system.vm_role,
      cloud_provider: system.cloud_provider,
      network: {
        interfaces: system.network.interfaces.map((found) => ({
          name: found.name,
          mac: found.mac,
          addresses: found.addresses,
        })),
      },
    },
  };
}
