/** Members of the cluster and its identity (A-218 to A-225, B-630 to B-635). */
import { randomUUID } from "node:crypto";
import { type Json, SensuError, stringifyJson, type Verb } from "@sensu-ts/core";
import type { Kv } from "@sensu-ts/store";
import type { Authorizer } from "../access/authorize.ts";
import type { Identity } from "../access/identity.ts";
import { type ClusterView, clusterHeader, type MemberHealth } from "../observe/health.ts";
import { question } from "./resource-actions.ts";

/** Names the installation; made at first use, stable for the life of the store (B-634, B-1011). */
const CLUSTER_ID = "/sensu.io/cluster_id";

export async function readClusterId(kv: Kv): Promise<string> {
  for (;;) {
    const entry = await kv.get(CLUSTER_ID);
    if (entry) return new TextDecoder().decode(entry.value);
    const value = new TextEncoder().encode(randomUUID());
    await kv.txn([{ key: CLUSTER_ID, modRevision: 0 }], [{ op: "put", key: CLUSTER_ID, value }]);
  }
}

/** Changes of the membership; the built-in store has none (B-1106). */
export interface ClusterChanges {
  /** Each throws `internal` with a public text. */
  add(peerUrls: readonly string[], timeoutMs: number): Promise<MemberHealth>;
  update(id: bigint, peerUrls: readonly string[], timeoutMs: number): Promise<void>;
  remove(id: bigint, timeoutMs: number): Promise<void>;
}

export interface ClusterDeps {
  readonly view: ClusterView;
  /** Absent: refused with the text of B-1106. */
  readonly changes?: ClusterChanges;
  readonly kv: Kv;
  readonly authorizer: Authorizer;
}

/** Answers are JSON texts, because their 64-bit numbers must leave digit by digit. */
export class ClusterActions {
  readonly #deps: ClusterDeps;

  constructor(deps: ClusterDeps) {
    this.#deps = deps;
  }

  async id(caller: Identity): Promise<string> {
    // A path without a name asks for a list (S-298), but whoever may get one thing may get this.
    if (!this.#deps.authorizer.allows(caller, this.#question("get", ""))) this.#authorize(caller, "list", "");
    return `${JSON.stringify(await readClusterId(this.#deps.kv))}\n`;
  }

  async members(caller: Identity, timeoutMs: number): Promise<string> {
    this.#authorize(caller, "list", "");
    return this.#answer(timeoutMs);
  }

  async add(caller: Identity, readPeers: () => readonly string[], timeoutMs: number): Promise<string> {
    this.#authorize(caller, "create", "");
    const peers = readPeers();
    const member = await this.#changes().add(peers, timeoutMs);
    return this.#answer(timeoutMs, { member: memberJson(member) });
  }

  async update(caller: Identity, id: string, readPeers: () => readonly string[], timeoutMs: number): Promise<string> {
    this.#authorize(caller, "update", id);
    const member = parseId(id);
    const peers = readPeers();
    await this.#changes().update(member, peers, timeoutMs);
    return this.#answer(timeoutMs);
  }

  async remove(caller: Identity, id: string, timeoutMs: number): Promise<string> {
    this.#authorize(caller, "delete", id);
    const member = parseId(id);
    await this.#changes().remove(member, timeoutMs);
    return this.#answer(timeoutMs);
  }

  #authorize(caller: Identity, verb: Verb, name: string): void {
    this.#deps.authorizer.authorize(caller, this.#question(verb, name));
  }

  #question(verb: Verb, name: string) {
    return question(verb, "cluster-members", { namespace: "", name });
  }

  #changes(): ClusterChanges {
    if (this.#deps.changes) return this.#deps.changes;
    throw new SensuError("internal", "operation not supported by the embedded single-node store");
  }

  async #answer(timeoutMs: number, extra: Readonly<Record<string, Json>> = {}): Promise<string> {
    const members = await this.#deps.view.members(timeoutMs);
    return stringifyJson({ header: clusterHeader(this.#deps.view), ...extra, members: members.map(memberJson) });
  }
}

function memberJson(member: MemberHealth): Json {
  return { ID: member.id, name: member.name, peerURLs: [...member.peerUrls], clientURLs: [...member.clientUrls] };
}

/** Lower-case hex of 64 bits. */
function parseId(text: string): bigint {
  if (/^[0-9a-f]{1,16}$/i.test(text)) return BigInt(`0x${text}`);
  throw new SensuError("invalid", `bad id (${text}): it must be a member's id in hexadecimal digits`);
}
