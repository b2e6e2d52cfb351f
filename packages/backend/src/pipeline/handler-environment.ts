/** Option `handler-env-passthrough`. */
export const PASSTHROUGH = ["filtered", "all"] as const;

/** What commands of handlers and mutators inherit: everything but our credentials, or, as in the original, all (S-399). */
export function handlerEnvironment(env: NodeJS.ProcessEnv, passthrough: string): NodeJS.ProcessEnv {
  if (passthrough === "all") return env;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^SENSU_BACKEND_.*(PASSWORD|API_KEY)|^PGPASSWORD$/.test(name)),
  );
}
