/** Variables of this program that no check or hook gets to see (S-399). */
const OWN_CREDENTIALS = new Set(["SENSU_PASSWORD", "SENSU_API_KEY", "SENSU_ACCESS_TOKEN"]);

export function inheritedEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_CREDENTIALS.has(name)));
}
