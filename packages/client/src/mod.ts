export { ApiError } from "./api-error.ts";
export { currentUser, readClaims } from "./claims.ts";
export {
  type ListOptions,
  type ListResult,
  type RequestOptions,
  SensuClient,
  type SensuClientOptions,
} from "./client.ts";
export type { Credentials, TokenKeeper, Tokens } from "./credentials.ts";
export { collectionPath, escapeSegment, memberPath, withQuery } from "./paths.ts";
export type { Reply } from "./transport.ts";
