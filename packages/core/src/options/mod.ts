export { formatDuration, parseDuration } from "./duration.ts";
export { type HelpSubject, helpText } from "./help.ts";
export { editDistance, nearOptions } from "./near.ts";
export {
  defineOptions,
  environmentName,
  type Option,
  type OptionOrigin,
  type OptionSource,
  type Options,
  type OptionType,
  type OptionValues,
  type ResolvedOptions,
} from "./option.ts";
export { type ConfigFile, type GivenOptions, locateConfigFile, type Resolution, resolveOptions } from "./resolve.ts";
