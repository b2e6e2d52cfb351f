/** Runs a parsed template over data. */

import type { Node, Operand, Pipeline } from "./parser.ts";
import { call, isList, isTrue, member, print, TemplateRunError, type Value } from "./values.ts";

/** What failed at a place of the template: a field of a value without fields, or, with `strict`, a missing key. */
export class PlacedError extends Error {
  readonly at: number;
  readonly source: string;
  constructor(at: number, source: string, message: string) {
    super(message);
    this.at = at;
    this.source = source;
  }
}

/** Keeps a small template from filling memory with a large result. */
const MAX_OUTPUT = 16 * 1024 * 1024;
const MAX_STEPS = 1_000_000;

/** `strict` throws {@link PlacedError} where a key is missing; otherwise that renders as `<no value>`. */
export function evaluate(nodes: readonly Node[], data: Value, strict: boolean): string {
  return new Run(data, strict).list(nodes);
}

type Leave = "break" | "continue" | undefined;

class Run {
  readonly #strict: boolean;
  #dot: Value;
  #variables: { name: string; value: Value }[];
  #output: string[] = [];
  #size = 0;
  #steps = 0;

  constructor(data: Value, strict: boolean) {
    this.#strict = strict;
    this.#dot = data;
    this.#variables = [{ name: "$", value: data }];
  }

  list(nodes: readonly Node[]): string {
    this.#walk(nodes);
    return this.#output.join("");
  }

  #write(text: string): void {
    this.#size += text.length;
    if (this.#size > MAX_OUTPUT) throw new TemplateRunError("the result is too long");
    this.#output.push(text);
  }

  #walk(nodes: readonly Node[]): Leave {
    for (const node of nodes) {
      if (++this.#steps > MAX_STEPS) throw new TemplateRunError("the template takes too many steps");
      switch (node.kind) {
        case "text":
          this.#write(node.text);
          break;
        case "action": {
          const value = this.#pipeline(node.pipeline);
          if (node.pipeline.variables.length === 0) this.#write(print(value));
          break;
        }
        case "break":
        case "continue":
          return node.kind;
        default: {
          const leave = this.#block(node);
          if (leave !== undefined) return leave;
        }
      }
    }
    return undefined;
  }

  #block(node: Node & { kind: "if" | "with" | "range" }): Leave {
    const depth = this.#variables.length;
    const dot = this.#dot;
    try {
      const value = this.#pipeline(node.pipeline);
      if (node.kind === "range") return this.#range(node, value);
      if (!isTrue(value)) return this.#walk(node.otherwise);
      if (node.kind === "with") this.#dot = value;
      return this.#walk(node.body);
    } finally {
      this.#variables.length = depth;
      this.#dot = dot;
    }
  }

  #range(node: Node & { kind: "if" | "with" | "range" }, value: Value): Leave {
    const items = rangeItems(value);
    if (items.length === 0) return this.#walk(node.otherwise);
    const { variables } = node.pipeline;
    for (const [key, item] of items) {
      const depth = this.#variables.length;
      if (variables.length === 1) this.#set(variables[0] as string, item, true);
      if (variables.length === 2) {
        this.#set(variables[0] as string, key, true);
        this.#set(variables[1] as string, item, true);
      }
      this.#dot = item;
      const leave = this.#walk(node.body);
      this.#variables.length = depth;
      if (leave === "break") break;
    }
    return undefined;
  }

  #set(name: string, value: Value, declares: boolean): void {
    if (declares) {
      this.#variables.push({ name, value });
      return;
    }
    const slot = this.#variables.findLast((variable) => variable.name === name);
    if (slot !== undefined) slot.value = value;
  }

  #pipeline(pipeline: Pipeline): Value {
    let value: Value;
    pipeline.commands.forEach((command, i) => {
      value = i === 0 ? this.#command(command) : this.#command(command, { value });
    });
    for (const name of pipeline.variables) this.#set(name, value, pipeline.declares);
    return value;
  }

  /** `piped` is the result of the command before, which becomes the last argument. */
  #command(operands: readonly Operand[], piped?: { value: Value }): Value {
    const [first, ...rest] = operands as [Operand, ...Operand[]];
    if (first.kind !== "function") {
      if (rest.length > 0 || piped !== undefined) throw new TemplateRunError("can't give argument to non-function");
      return this.#operand(first);
    }
    if (first.name === "and" || first.name === "or") {
      let value: Value;
      for (const operand of rest) {
        value = this.#operand(operand);
        if (isTrue(value) === (first.name === "or")) return value;
      }
      return piped === undefined ? value : piped.value;
    }
    const args = rest.map((operand) => this.#operand(operand));
    return call(first.name, piped === undefined ? args : [...args, piped.value]);
  }

  #operand(operand: Operand): Value {
    switch (operand.kind) {
      case "literal":
        return operand.value;
      case "dot":
        return this.#dot;
      case "function":
        return call(operand.name, []);
      case "variable":
        return this.#variables.findLast((variable) => variable.name === operand.name)?.value;
      case "pipeline":
        return this.#pipeline(operand.pipeline);
      default:
        return this.#path(operand);
    }
  }

  #path(operand: Operand & { kind: "path" }): Value {
    let value = operand.base === undefined ? this.#dot : this.#operand(operand.base);
    for (const field of operand.fields) {
      if (value !== undefined && (typeof value !== "object" || isList(value))) {
        throw new PlacedError(operand.at, operand.source, `can't evaluate field ${field} in type interface {}`);
      }
      const next = member(value, field);
      if (next === undefined && this.#strict) {
        const name = JSON.stringify(field);
        const why = value === undefined ? `nil data; no entry for key ${name}` : `map has no entry for key ${name}`;
        throw new PlacedError(operand.at, operand.source, why);
      }
      value = next;
    }
    return value;
  }
}

function rangeItems(value: Value): [Value, Value][] {
  if (value === undefined) return [];
  if (isList(value)) return value.map((item, i) => [i, item]);
  if (typeof value === "object") {
    return Object.keys(value)
      .sort()
      .map((key) => [key, value[key]]);
  }
  if (typeof value === "number" && value >= 0 && value <= MAX_STEPS) {
    return Array.from({ length: Math.floor(value) }, (_, i) => [i, i]);
  }
  throw new TemplateRunError("range can't iterate over this type");
}
