/** First filling of a store (S-209 to S-221, B-220 to B-237). Running it again changes nothing. */
import {
  ADMINS_GROUP,
  AGENTS_GROUP,
  APIKey,
  ClusterRole,
  ClusterRoleBinding,
  defaultClusterRoleBindings,
  defaultClusterRoles,
  encodeProto,
  invalid,
  Namespace,
  ObjectMeta,
  pipelineRole,
  pipelineRoleBinding,
  type ResourceType,
  Role,
  RoleBinding,
  resourceOf,
  User,
} from "@sensu-ts/core";
import { type Clock, type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import {
  type AnyStoredType,
  collectionPrefix,
  type Follower,
  type Kv,
  type KvCompare,
  type KvOp,
  resourceKey,
} from "@sensu-ts/store";
import type { Bcrypt } from "./authenticate/bcrypt.ts";

/** Says that a store was filled (B-1010). */
const MARKER = "/sensu.io/.initialized";
/** The user every agent comes with unless told otherwise (S-219). */
export const DEFAULT_AGENT = { username: "agent", password: "P@ssw0rd!" };

export interface InitRequest {
  readonly username: string;
  readonly password: string;
  /** Any text; becomes a key of the administrator (S-211). */
  readonly apiKey?: string;
  /** Absent: the password every agent knows (S-219). */
  readonly agentPassword?: string;
  readonly withoutAgentUser?: boolean;
}

export interface InitDeps {
  readonly kv: Kv;
  readonly bcrypt: Bcrypt;
  readonly log: Logger;
  readonly clock?: Clock;
  /** A running backend's cache: who is told `done` may sign in at once. Absent: nobody reads the store meanwhile. */
  readonly follower?: Follower;
}

export type InitResult = "done" | "alreadyInitialized";

export const ALREADY_INITIALIZED = "sensu-backend already initialized";

/** S-217: what `sensu-backend init` exits with; 1 is for every failure. */
export function initExitCode(result: InitResult, ignoreAlreadyInitialized: boolean): 0 | 3 {
  return result === "done" || ignoreAlreadyInitialized ? 0 : 3;
}

export async function isInitialized(kv: Kv): Promise<boolean> {
  return (await kv.get(MARKER)) !== undefined;
}

interface Seed {
  readonly type: AnyStoredType;
  readonly what: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * Everything and the marker in one transaction, so that two of these at once cannot mix and a killed one leaves
 * nothing. What is there already stays as it is. Throws `invalid` without name and password.
 */
export async function initStore(deps: InitDeps, request: InitRequest): Promise<InitResult> {
  const { kv, log, follower } = deps;
  if (request.username === "" || request.password === "") {
    throw invalid("both cluster-admin-username and cluster-admin-password are required to be set (or an API key)");
  }
  if (await isInitialized(kv)) return alreadyThere(log);
  const seeds = await seedsOf(deps, request);
  for (;;) {
    const compares: KvCompare[] = [{ key: MARKER, modRevision: 0 }];
    const ops: KvOp[] = [{ op: "put", key: MARKER, value: new TextEncoder().encode("1") }];
    const kept: string[] = [];
    const written = new Set<AnyStoredType>();
    for (const seed of [...seeds, ...(await pipelineSeeds(kv))]) {
      if (ops.some((op) => op.op === "put" && op.key === seed.key)) continue;
      if ((await kv.get(seed.key)) !== undefined) {
        kept.push(seed.what);
        continue;
      }
      compares.push({ key: seed.key, modRevision: 0 });
      ops.push({ op: "put", key: seed.key, value: seed.value });
      written.add(seed.type);
    }
    const { committed, revision } = await kv.txn(compares, ops);
    if (committed) {
      await Promise.all([...written].map((type) => follower?.reached(type, revision)));
      for (const what of kept) log.warn({ resource: what }, "already exists, left as it is");
      return "done";
    }
    if (await isInitialized(kv)) return alreadyThere(log);
  }
}

function alreadyThere(log: Logger): InitResult {
  log.info({}, "store already initialized");
  return "alreadyInitialized";
}

async function seedsOf(deps: InitDeps, request: InitRequest): Promise<readonly Seed[]> {
  const { bcrypt } = deps;
  const user = async (username: string, password: string, group: string) => {
    const hash = await bcrypt.hash(password);
    return User.create({ username, password: hash, password_hash: hash, groups: [group] });
  };
  const seeds = [
    seed(resourceOf(Namespace), Namespace.create({ name: "default" })),
    seed(resourceOf(User), await user(request.username, request.password, ADMINS_GROUP)),
    ...defaultClusterRoles().map((role) => seed(resourceOf(ClusterRole), role)),
    ...defaultClusterRoleBindings().map((binding) => seed(resourceOf(ClusterRoleBinding), binding)),
    ...pairSeeds("default"),
  ];
  if (!request.withoutAgentUser) {
    const agent = await user(DEFAULT_AGENT.username, request.agentPassword ?? DEFAULT_AGENT.password, AGENTS_GROUP);
    seeds.push(seed(resourceOf(User), agent));
  }
  if (request.apiKey) {
    const key = APIKey.create({
      metadata: ObjectMeta.create({ name: request.apiKey, created_by: request.username }),
      username: request.username,
      created_at: Math.floor((deps.clock ?? SYSTEM_CLOCK).now() / 1000),
    });
    seeds.push(seed(resourceOf(APIKey), key));
  }
  return seeds;
}

/** The pair for namespaces that are there already, such as the backend's own (B-235). */
async function pipelineSeeds(kv: Kv): Promise<readonly Seed[]> {
  const prefix = collectionPrefix(resourceOf(Namespace));
  const { entries } = await kv.range({ prefix, keysOnly: true });
  return entries.flatMap((entry) => pairSeeds(entry.key.slice(prefix.length)));
}

function pairSeeds(namespace: string): readonly Seed[] {
  return [
    seed(resourceOf(Role), pipelineRole(namespace)),
    seed(resourceOf(RoleBinding), pipelineRoleBinding(namespace)),
  ];
}

function seed<T>(type: ResourceType<T>, value: T): Seed {
  const id = type.id(value);
  // The name of a key is a secret.
  const what = type.name === "APIKey" ? type.name : `${type.name} ${id.name}`;
  return { type, what, key: resourceKey(type, id), value: encodeProto(type.message, value) };
}
