import type { Caller } from "@sensu-ts/core";

/** Who acts: an authenticated person, agent or program. */
export interface Identity extends Caller {
  /** Provider that vouched for the name; what tokens carry. */
  readonly provider: { readonly id: string; readonly type: string; readonly userId: string };
  /** True when an API key was shown: no self-service rights then. */
  readonly apiKey: boolean;
  /** Where the request came from; absent when it is none of the API. */
  readonly address?: string;
  /** Present when the caller shows a token. */
  readonly sessionId?: string;
}

export const BASIC_PROVIDER = "basic";

export function basicIdentity(username: string, groups: readonly string[]): Identity {
  return { username, groups, provider: { id: BASIC_PROVIDER, type: "", userId: username }, apiKey: false };
}
