import { type Clock, type Logger, SYSTEM_CLOCK } from "@sensu-ts/runtime";
import type { Kv, ResourceCache } from "@sensu-ts/store";
import { Access } from "./access.ts";
import { ApiKeyAuthenticator } from "./authenticate/api-keys.ts";
import { BasicAuthenticator } from "./authenticate/basic.ts";
import { Bcrypt } from "./authenticate/bcrypt.ts";
import { Throttle } from "./authenticate/throttle.ts";
import { type TokenOptions, Tokens } from "./authenticate/tokens.ts";
import { type Audit, Authorizer } from "./authorize.ts";
import { cachedApiKeys, cachedRoles, cachedUsers } from "./sources.ts";

export interface AccessOptions extends Pick<TokenOptions, "keyPair" | "accessSeconds" | "refreshSeconds"> {
  readonly kv: Kv;
  /** Holds {@link ACCESS_TYPES}; started before access is. */
  readonly cache: ResourceCache;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly audit?: Audit | undefined;
}

/** All parts of the room, wired. No effect before `start`. */
export function createAccess(options: AccessOptions): Access {
  const { cache, log } = options;
  const clock = options.clock ?? SYSTEM_CLOCK;
  const users = cachedUsers(cache);
  const bcrypt = new Bcrypt();
  return new Access({
    users,
    bcrypt,
    basic: new BasicAuthenticator({ users, bcrypt, throttle: new Throttle({ clock }), log }),
    apiKeys: new ApiKeyAuthenticator(cachedApiKeys(cache), users),
    authorizer: new Authorizer(cachedRoles(cache), log, clock, options.audit),
    tokens: new Tokens({ ...options, users, clock }),
  });
}
