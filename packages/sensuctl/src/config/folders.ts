/** Where sensuctl keeps its files (C-16). */
import path from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

export function configFolder(env: Env, platform: NodeJS.Platform): string {
  if (platform === "win32") return windowsFolder(env["APPDATA"], env, "Roaming");
  return path.join(env["XDG_CONFIG_HOME"] || path.join(env["HOME"] ?? "", ".config"), "sensu", "sensuctl");
}

export function cacheFolder(env: Env, platform: NodeJS.Platform): string {
  // The name without its final A is the original's.
  if (platform === "win32") return windowsFolder(env["LOCALAPP"], env, "Local");
  if (platform === "darwin") return path.join(env["HOME"] ?? "", "Library", "Caches", "sensu", "sensuctl");
  return path.join(env["XDG_CACHE_HOME"] || path.join(env["HOME"] ?? "", ".cache"), "sensu", "sensuctl");
}

function windowsFolder(base: string | undefined, env: Env, kind: string): string {
  return path.win32.join(base || path.win32.join(env["USERPROFILE"] ?? "", "AppData", kind), "sensu", "sensuctl");
}
