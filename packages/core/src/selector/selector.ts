/** Field and label selectors of lists: one or more operations, all of which must hold. */
import { invalid } from "../errors.ts";
import { type Operator, type Token, tokens } from "./lexer.ts";

export interface Selector {
  /** `fields`: flat, lists joined with commas. True for everything when the text was empty. */
  matches(fields: Readonly<Record<string, string>>): boolean;
}

interface Operation {
  readonly left: string;
  readonly operator: Operator;
  readonly right: readonly string[];
}

/** Throws `invalid` that tells where the text cannot be read. */
export function parseSelector(text: string): Selector {
  const operations = parse(tokens(text));
  return { matches: (fields) => operations.every((operation) => holds(operation, fields)) };
}

function parse(all: readonly Token[]): readonly Operation[] {
  const operations: Operation[] = [];
  let next = 0;
  const take = (): Token => {
    const token = all[next++];
    if (token) return token;
    throw invalid("the selector ends too early");
  };
  const unexpected = (token: Token, wanted: string): never => {
    throw invalid(`${wanted} is expected at position ${token.at} of the selector`);
  };
  const value = (wanted: string): string => {
    const token = take();
    return token.kind === "value" ? token.text : unexpected(token, wanted);
  };
  const list = (): readonly string[] => {
    if (all[next]?.kind !== "[") return [value("a value or [")];
    next++;
    const items = [value("a value")];
    for (;;) {
      const token = take();
      if (token.kind === "]") return items;
      if (token.kind !== ",") unexpected(token, ", or ]");
      items.push(value("a value"));
    }
  };
  while (next < all.length) {
    if (operations.length > 0 && all[next]?.kind === "&&") next++;
    const left = value("a key or value");
    const token = take();
    const operator = token.kind === "operator" ? token.text : unexpected(token, "an operator");
    if (operator === "in" || operator === "notin") {
      operations.push({ left, operator, right: list() });
    } else if (all[next]?.kind === "bool") {
      operations.push({ left, operator, right: [(take() as { text: string }).text] });
    } else {
      operations.push({ left, operator, right: [value("a value")] });
    }
  }
  return operations;
}

function holds({ left, operator, right }: Operation, fields: Readonly<Record<string, string>>): boolean {
  const found = Object.hasOwn(fields, left) ? fields[left] : undefined;
  const [only = ""] = right;
  switch (operator) {
    case "==":
      return found === only;
    case "!=":
      return found !== only;
    case "matches":
      return found?.includes(only) ?? false;
    case "in":
      return isIn(left, found, right, fields);
    case "notin":
      return !isIn(left, found, right, fields);
  }
}

/** `linux in check.subscriptions` looks into a list, `check.namespace in [dev, prod]` compares whole values. */
function isIn(
  left: string,
  found: string | undefined,
  right: readonly string[],
  fields: Readonly<Record<string, string>>,
): boolean {
  const [only = ""] = right;
  if (right.length === 1 && Object.hasOwn(fields, only)) {
    const items = (fields[only] ?? "").replace(/[[\]]/g, "").split(",");
    return items.some((item) => item.trim() === left);
  }
  return found !== undefined && right.includes(found);
}
