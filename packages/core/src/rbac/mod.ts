export * from "./defaults.ts";
export { missingRights } from "./escalation.ts";
export {
  type Caller,
  type Dangling,
  type Decision,
  decide,
  loggable,
  type Question,
  type Roles,
} from "./evaluate.ts";
export * from "./namespaces.ts";
export * from "./resources.ts";
