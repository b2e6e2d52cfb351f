export { type CronSchedule, parseCron } from "./cron.ts";
export { cronPeriodMs, firstDelayMs, firstDelayNs, proxyGapMs, splayOf } from "./interval.ts";
export {
  inRepeatedWindow,
  inTimeWindow,
  subdued,
  validateRepeatedWindow,
  validateSubdues,
  validateTimeWindow,
} from "./windows.ts";
