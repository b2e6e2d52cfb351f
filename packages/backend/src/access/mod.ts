export { Access } from "./access.ts";
export { Bcrypt } from "./authenticate/bcrypt.ts";
export type { TokenPair } from "./authenticate/sessions.ts";
export { readKeyPair, type SigningKeys } from "./authenticate/signing.ts";
export { Authorizer } from "./authorize.ts";
export { requireClientCertificate } from "./client-certificate.ts";
export { type AccessOptions, createAccess } from "./create.ts";
export { basicIdentity, type Identity } from "./identity.ts";
export {
  ALREADY_INITIALIZED,
  type InitDeps,
  type InitRequest,
  type InitResult,
  initExitCode,
  initStore,
  isInitialized,
} from "./init.ts";
export { type ReviewParts, review } from "./review.ts";
export { ACCESS_TYPES, cachedApiKeys, cachedRoles, cachedUsers } from "./sources.ts";
