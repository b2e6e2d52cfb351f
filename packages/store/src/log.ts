/** Where the store tells what went wrong; `fields` never holds stored values. */
export type StoreLog = (level: "error" | "warn" | "info", message: string, fields?: Record<string, unknown>) => void;
