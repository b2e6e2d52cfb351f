/** What the commands of all nouns share: reading, writing and the verbs that differ only in the type. */
import { ApiError, collectionPath, memberPath, withQuery } from "@sensu-ts/client";
import { APIKey, Asset, CheckConfig, editDistance, fromTree, type JsonObject, toTree } from "@sensu-ts/core";
import { type Leaf, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { ALL_NAMESPACES, FORMAT, LIST_FLAGS, SKIP_CONFIRM } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { naming } from "../input/apply.ts";
import { chosenFormat, printList, printOne } from "../print/output.ts";
import { confirmed } from "./ask.ts";
import type { Noun } from "./nouns.ts";

/** Path of the collection, or of one member when names are given; `namespace` counts for namespaced types only. */
export function pathOf<T>({ type }: Noun<T>, namespace: string, ...names: readonly string[]): string {
  const scope = type.scope === "namespaced" ? namespace : "";
  return names.length === 0
    ? collectionPath(type.apiVersion, scope, type.path)
    : memberPath(type.apiVersion, scope, type.path, ...names);
}

/** Types whose requests name themselves when no answer comes, as the original's do (C-94). */
const NAMING = new Set([Asset.name, CheckConfig.name]);

export async function fetchOne<T>(session: Session, noun: Noun<T>, ...names: readonly string[]): Promise<T> {
  const path = pathOf(noun, session.namespace, ...names);
  const client = await session.client();
  const tree = await (NAMING.has(noun.type.name) ? naming("GET", path, client.get(path)) : client.get(path));
  return fromTree(noun.type.message, tree as JsonObject);
}

/** Validates like the API does (C-70) and POSTs. */
export async function createOne<T>(session: Session, noun: Noun<T>, value: T): Promise<void> {
  const valid = noun.type.validate(value);
  const { namespace } = noun.type.id(valid);
  await (await session.client()).post(pathOf(noun, namespace), toTree(noun.type.message, valid));
  session.say("Created");
}

/** Validates and PUTs the whole value. */
export async function putOne<T>(session: Session, noun: Noun<T>, value: T): Promise<void> {
  const valid = noun.type.validate(value);
  const { namespace, name } = noun.type.id(valid);
  await (await session.client()).put(pathOf(noun, namespace, name), toTree(noun.type.message, valid));
}

export function listCommand<T>(noun: Noun<T>): Leaf {
  // API keys have no namespace, and the flag all the same (8.4).
  const everywhere = noun.type.allNamespaces || noun.type.name === APIKey.name;
  const flags = everywhere ? [...LIST_FLAGS, ALL_NAMESPACES] : LIST_FLAGS;
  return leaf({
    name: "list",
    summary: `list ${noun.plural}`,
    flags,
    // The original ignores arguments of these four (C-63).
    args: /role/.test(noun.word) ? [0, Number.POSITIVE_INFINITY] : [0, 0],
    async run(session, given) {
      await list(session, noun, given as unknown as ListGiven);
    },
  });
}

export interface ListGiven {
  readonly format: string;
  readonly "field-selector": string;
  readonly "label-selector": string;
  readonly "chunk-size": number;
  readonly "all-namespaces"?: boolean;
}

/** `path` instead of the collection of the active namespace, or of all. */
export async function list<T>(session: Session, noun: Noun<T>, given: ListGiven, path?: string): Promise<void> {
  const namespace = given["all-namespaces"] ? "" : session.namespace;
  const { items, warning } = await (await session.client()).list(path ?? pathOf(noun, namespace), {
    fieldSelector: given["field-selector"],
    labelSelector: given["label-selector"],
    chunkSize: given["chunk-size"],
  });
  const values = items.map((tree) => fromTree(noun.type.message, tree));
  printList(session, chosenFormat(session, given.format), noun.type, noun.layout, values, warning);
}

interface NamedOptions {
  readonly usage?: string;
  readonly aliases?: readonly string[];
  readonly argsError?: string;
}

export function infoCommand<T>(noun: Noun<T>, options: NamedOptions = {}): Leaf {
  const { usage = "[NAME]", aliases, argsError } = options;
  return leaf({
    name: "info",
    summary: `show one ${noun.word} in detail`,
    usage,
    ...(aliases === undefined ? {} : { aliases }),
    args: [1, 1],
    ...(argsError === undefined ? {} : { argsError: () => argsError }),
    flags: [FORMAT],
    async run(session, { format }) {
      const [name = ""] = session.args;
      const value = await orNearName(session, noun, name, () => fetchOne(session, noun, name));
      printOne(session, chosenFormat(session, format), noun.type, noun.layout, value);
    },
  });
}

export function deleteCommand<T>(noun: Noun<T>, options: NamedOptions & { readonly name?: string } = {}): Leaf {
  const { usage = "[NAME]", argsError, name: verb = "delete" } = options;
  return leaf({
    name: verb,
    summary: `${verb} one ${noun.word}`,
    usage,
    args: [1, 1],
    ...(argsError === undefined ? {} : { argsError: () => argsError }),
    flags: [SKIP_CONFIRM],
    async run(session, flags) {
      const [name = ""] = session.args;
      if (!flags["skip-confirm"] && !(await confirmed(session, "delete", noun.confirmed, name))) return;
      await orNearName(session, noun, name, async () => {
        await (await session.client()).delete(pathOf(noun, session.namespace, name));
      });
      session.say("Deleted");
    },
  });
}

/** The three verbs of a noun whose members have one name. */
export function commonCommands<T>(
  noun: Noun<T>,
  argsError?: { readonly info: string; readonly delete: string },
): Leaf[] {
  return [
    listCommand(noun),
    infoCommand(noun, argsError === undefined ? {} : { argsError: argsError.info }),
    deleteCommand(noun, argsError === undefined ? {} : { argsError: argsError.delete }),
  ];
}

/** As many as one answer brings without weighing on anybody; a name among more than these is not guessed. */
const MOST_NAMES = 1000;

/** Adds a name that the caller may have meant to the message of a 404 (C-141). */
async function orNearName<T, R>(session: Session, noun: Noun<T>, name: string, action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    const near = await nearName(session, noun, name);
    if (near === undefined) throw error;
    throw new Failure(`${error.message}, did you mean "${near}"?`);
  }
}

async function nearName<T>(session: Session, noun: Noun<T>, name: string): Promise<string | undefined> {
  try {
    const path = withQuery(pathOf(noun, session.namespace), { limit: String(MOST_NAMES) });
    const items = ((await (await session.client()).get(path)) ?? []) as readonly JsonObject[];
    const names = items.map((tree) => noun.type.id(fromTree(noun.type.message, tree)).name);
    const ranked = names
      .map((other) => ({ other, edits: editDistance(name, other) }))
      .filter(({ edits }) => edits <= 2);
    return ranked.sort((a, b) => a.edits - b.edits)[0]?.other;
  } catch {
    // No help when the caller may not list.
    return undefined;
  }
}
