/** What commands of handlers and mutators inherit: everything but our credentials (S-399). */
export function handlerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^SENSU_BACKEND_.*(PASSWORD|API_KEY)|^PGPASSWORD$/.test(name)),
  );
}
