/** Reads service units as far as ours go: what this does not know is an error, so that no test passes by leaving it out. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** systemd's own order: the operator's, then the packages'. */
const FOLDERS = ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/lib/systemd/system"];

export interface Unit {
  readonly name: string;
  readonly file: string;
  readonly description: string;
  readonly user: string;
  readonly group: string;
  readonly workingDirectory: string;
  readonly environment: readonly string[];
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly noFile: number;
  readonly runtimeDirectories: readonly string[];
  readonly preserveRuntimeDirectory: boolean;
  readonly execStart: string;
  readonly execReload: readonly string[];
  readonly restart: "no" | "always" | "on-failure";
  readonly restartDelayMs: number;
  readonly stopTimeoutMs: number;
}

export class UnitError extends Error {}

/** Keys without effect on a stand-in. */
const WITHOUT_EFFECT = new Set([
  ...["Unit.Documentation", "Unit.After", "Unit.Before", "Unit.Wants"],
  ...["Install.WantedBy", "Install.Alias"],
]);

export function fullName(name: string): string {
  return name.includes(".") ? name : `${name}.service`;
}

export function loadUnit(name: string): Unit | undefined {
  const full = fullName(name);
  const file = FOLDERS.map((folder) => path.join(folder, full)).find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const dropIns = FOLDERS.map((folder) => path.join(folder, `${full}.d`)).find((folder) => existsSync(folder));
  if (dropIns !== undefined) throw new UnitError(`${dropIns}: drop-ins are not known to this stand-in`);
  return parseUnit(full, file, readFileSync(file, "utf8"));
}

function milliseconds(text: string, fallback: number): number {
  if (text === "") return fallback;
  const [, amount, measure = "s"] = /^(\d+(?:\.\d+)?)(ms|s|min)?$/.exec(text) ?? [];
  if (amount === undefined) throw new UnitError(`time ${text}: want a number with ms, s or min`);
  return Number(amount) * (measure === "ms" ? 1 : measure === "s" ? 1000 : 60_000);
}

export function parseUnit(name: string, file: string, text: string): Unit {
  const values = new Map<string, string[]>();
  let section = "";
  for (const line of text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[(.+)\]$/.exec(line);
    const pair = /^(\w+)\s*=\s*(.*)$/.exec(line);
    if (header) section = header[1] as string;
    else if (pair) {
      const key = `${section}.${pair[1]}`;
      // An empty value takes back what stood before.
      values.set(key, pair[2] === "" ? [] : [...(values.get(key) ?? []), pair[2] as string]);
    } else throw new UnitError(`${file}: ${line}: neither section nor KEY=VALUE`);
  }
  const all = (key: string): string[] => {
    const found = values.get(key) ?? [];
    values.delete(key);
    return found;
  };
  const one = (key: string, fallback = ""): string => all(key).at(-1) ?? fallback;
  const type = one("Service.Type", "simple");
  if (type !== "simple") throw new UnitError(`${file}: Type=${type} is not known to this stand-in`);
  const restart = one("Service.Restart", "no");
  if (restart !== "no" && restart !== "always" && restart !== "on-failure")
    throw new UnitError(`${file}: Restart=${restart} is not known to this stand-in`);
  const starts = all("Service.ExecStart");
  if (starts.length !== 1) throw new UnitError(`${file}: want one ExecStart, has ${starts.length}`);
  const user = one("Service.User", "root");
  const unit: Unit = {
    name,
    file,
    description: one("Unit.Description", name),
    user,
    group: one("Service.Group", user),
    workingDirectory: one("Service.WorkingDirectory", "/"),
    environment: all("Service.Environment").flatMap(words),
    environmentFiles: all("Service.EnvironmentFile").map((value) => ({
      path: value.replace(/^-/, ""),
      optional: value.startsWith("-"),
    })),
    noFile: Number(one("Service.LimitNOFILE", "524288")),
    runtimeDirectories: all("Service.RuntimeDirectory").flatMap(words),
    preserveRuntimeDirectory: one("Service.RuntimeDirectoryPreserve", "no") === "yes",
    execStart: starts[0] as string,
    execReload: all("Service.ExecReload"),
    restart,
    restartDelayMs: milliseconds(one("Service.RestartSec"), 100),
    stopTimeoutMs: milliseconds(one("Service.TimeoutStopSec"), 90_000),
  };
  const unknown = [...values.keys()].filter((key) => !WITHOUT_EFFECT.has(key));
  if (unknown.length > 0) throw new UnitError(`${file}: not known to this stand-in: ${unknown.join(", ")}`);
  return unit;
}

/** Splits as systemd does: blanks, double and single quotes, no shell. */
export function words(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "\\" && i + 1 < text.length) word = (word ?? "") + text[++i];
    else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw new UnitError(`${text}: quote without end`);
  if (word !== undefined) found.push(word);
  return found;
}

/** A command line with `${NAME}` and words that are `$NAME` replaced from the unit's environment. */
export function commandLine(text: string, environment: Readonly<Record<string, string>>): string[] {
  return words(text).flatMap((word) => {
    const whole = /^\$(\w+)$/.exec(word);
    if (whole) return words(environment[whole[1] as string] ?? "");
    return [word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? "")];
  });
}

/** `NAME=value` lines of an environment file; nothing in it is expanded. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const line of text
    .replaceAll(/\\\n/g, "")
    .split("\n")
    .map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const pair = /^(\w+)=(.*)$/.exec(line);
    // systemd logs and skips what it cannot read, `export NAME=value` for one.
    if (!pair) continue;
    const value = (pair[2] as string).trim();
    const quoted = /^(["'])(.*)\1$/s.exec(value);
    environment[pair[1] as string] = quoted ? (quoted[2] as string) : value.replaceAll(/\\(.)/g, "$1");
  }
  return environment;
}
