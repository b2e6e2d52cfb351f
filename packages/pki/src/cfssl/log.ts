import type { Io } from "../io.ts";

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"] as const;

export type Log = (level: (typeof LEVELS)[number], text: string) => void;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Lines `YYYY/MM/DD HH:MM:SS [LEVEL] text` in local time on stderr, from `lowest` (0 DEBUG to 5 FATAL) up (S-67). */
export function createLog(io: Io, lowest: number): Log {
  return (level, text) => {
    if (LEVELS.indexOf(level) < lowest) return;
    const now = io.now();
    const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
    const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
    io.err(`${date} ${time} [${level}] ${text}\n`);
  };
}
