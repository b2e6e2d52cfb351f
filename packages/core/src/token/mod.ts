export { substituteCheck, substituteTokens } from "./substitute.ts";
