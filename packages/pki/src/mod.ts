export * from "./ca.ts";
export * from "./cert.ts";
export * from "./crl.ts";
export * from "./csr.ts";
export { PkiError } from "./errors.ts";
export * from "./hosts.ts";
export * from "./keys.ts";
export * from "./profiles.ts";
export * from "./subject.ts";
