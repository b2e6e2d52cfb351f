/**
 * Abbreviation of the local time zone at an instant, from the system's zone files: `Intl` knows only the few that are
 * common in one language.
 */
import { readFileSync } from "node:fs";

interface Zone {
  /** Unix seconds of each change, ascending, and what holds from then on. */
  readonly changes: readonly { readonly at: number; readonly name: string }[];
  readonly first: string;
  /** Names by offset in seconds that hold after the last change. */
  readonly rule: ReadonlyMap<number, string>;
}

let loaded: Zone | null | undefined;

export function zoneAbbreviation(seconds: number, offsetMinutes: number): string {
  loaded ??= loadZone(process.env["TZ"]);
  if (loaded !== null) {
    const { changes, first, rule } = loaded;
    const last = changes.at(-1);
    if (last === undefined || seconds >= last.at) {
      const name = rule.get(offsetMinutes * 60);
      if (name !== undefined) return name;
    }
    return changes.findLast((change) => change.at <= seconds)?.name ?? first;
  }
  if (offsetMinutes === 0) return "UTC";
  const size = Math.abs(offsetMinutes);
  const hours = String(Math.trunc(size / 60)).padStart(2, "0");
  return `${offsetMinutes < 0 ? "-" : "+"}${hours}${size % 60 === 0 ? "" : String(size % 60).padStart(2, "0")}`;
}

function loadZone(tz: string | undefined): Zone | null {
  const name = tz?.replace(/^:/, "");
  if (name === "" || name === "UTC" || (name !== undefined && !/^[\w+/-]+$/.test(name))) return null;
  try {
    return parseZone(readFileSync(name === undefined ? "/etc/localtime" : `/usr/share/zoneinfo/${name}`));
  } catch {
    return null;
  }
}

const HEADER = 44;

/** TZif (RFC 9636): the second block has 64-bit times and a footer with the rule for later times. */
export function parseZone(file: Buffer): Zone | null {
  if (file.toString("latin1", 0, 4) !== "TZif" || file[4] === 0) return null;
  const count = (start: number) => (i: number) => file.readUInt32BE(start + 20 + 4 * i);
  const old = count(0);
  const start = HEADER + old(3) * 5 + old(4) * 6 + old(5) + old(2) * 8 + old(1) + old(0);
  const [utc, standard, leaps, times, types, chars] = [0, 1, 2, 3, 4, 5].map(count(start)) as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const timesAt = start + HEADER;
  const indexesAt = timesAt + times * 8;
  const typesAt = indexesAt + times;
  const namesAt = typesAt + types * 6;
  const nameOf = (type: number) => {
    const from = namesAt + file.readUInt8(typesAt + type * 6 + 5);
    return file.toString("latin1", from, file.indexOf(0, from));
  };
  const changes = Array.from({ length: times }, (_, i) => ({
    at: Number(file.readBigInt64BE(timesAt + i * 8)),
    name: nameOf(file.readUInt8(indexesAt + i)),
  }));
  const footer = file.toString("latin1", namesAt + chars + leaps * 12 + standard + utc).trim();
  return { changes, first: nameOf(0), rule: parseRule(footer) };
}

/** POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`: its offsets count westward. */
function parseRule(footer: string): ReadonlyMap<number, string> {
  const name = "(<[^>]+>|[A-Za-z]+)";
  const offset = "([+-]?\\d+(?::\\d+){0,2})";
  const match = new RegExp(`^${name}${offset}(?:${name}${offset}?)?`).exec(footer);
  const rule = new Map<number, string>();
  if (match === null) return rule;
  const bare = (text: string) => text.replace(/[<>]/g, "");
  const seconds = (text: string) => {
    const [h = 0, m = 0, s = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
    return (text.startsWith("-") ? 1 : -1) * (h * 3600 + m * 60 + s);
  };
  const standard = seconds(match[2] as string);
  if (match[3] !== undefined) {
    rule.set(match[4] === undefined ? standard + 3600 : seconds(match[4]), bare(match[3]));
  }
  rule.set(standard, bare(match[1] as string));
  return rule;
}
