import { type JsonObject, parseJson, SensuError } from "@sensu-ts/core";
import type { Reply } from "./transport.ts";

/** What `/auth` and `/auth/token` answer. `expires_at` is in Unix seconds. */
export interface Tokens {
  readonly access_token: string;
  readonly expires_at: number;
  readonly refresh_token: string;
}

/** Where the tokens of a session live; `save` is called after every renewal and must outlive the program. */
export interface TokenKeeper {
  load(): Tokens | undefined;
  save(tokens: Tokens): void | Promise<void>;
}

/** An API key switches tokens and renewal off. */
export type Credentials = { readonly apiKey: string } | { readonly tokens: TokenKeeper } | undefined;

/** Throws `SensuError("unauthenticated")` when one of the three is missing (C-29). */
export function readTokens(reply: Reply): Tokens {
  let body: JsonObject;
  try {
    body = parseJson(reply.text) as JsonObject;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SensuError("unauthenticated", `could not unmarshal response from server: ${why}`, { cause: error });
  }
  const { access_token, expires_at, refresh_token } = body;
  if (typeof access_token !== "string" || access_token === "") {
    throw new SensuError("unauthenticated", "Access token cannot be empty");
  }
  if (typeof expires_at !== "number" || expires_at === 0) {
    throw new SensuError("unauthenticated", "Expiration must be set");
  }
  if (typeof refresh_token !== "string" || refresh_token === "") {
    throw new SensuError("unauthenticated", "Refresh token cannot be empty");
  }
  return { access_token, expires_at, refresh_token };
}
