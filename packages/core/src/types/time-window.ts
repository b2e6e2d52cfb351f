import { embedded, type Infer, message } from "../codec/schema.ts";
import { TimeWindowDays } from "./shared.ts";

/** */
export const TimeWindowWhen = message("TimeWindowWhen", { days: embedded(1, "A", () => TimeWindowDays) });
export interface TimeWindowWhen extends Infer<typeof TimeWindowWhen> {}
