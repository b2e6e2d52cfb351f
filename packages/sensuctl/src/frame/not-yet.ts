/** Commands of Sensu Go that this version does not have: who calls one is told so by name, and what to do instead. */
import { Failure } from "./failure.ts";

const INSTEAD: Readonly<Record<string, string>> = {
  "asset add": "create the asset from a file with sensuctl create -f",
  "asset outdated": "compare with the versions on bonsai.sensu.io by hand",
  "auth delete": "users log in with a password, a certificate or an API key",
  "auth info": "users log in with a password, a certificate or an API key",
  "auth list": "users log in with a password, a certificate or an API key",
  command: "run the plugin's program by itself, with the variables that sensuctl env prints",
  license: "nothing here needs a license",
  login: "log in with sensuctl configure",
  prune: "delete what is not wanted with sensuctl delete -f",
  "purge-assets": "agents keep no assets in this version",
  secret: "give secrets to checks through the agent's environment",
};

/** `path` without the program, e.g. `asset add`; does nothing for names that never were a command. */
export function refuseIfNotYet(path: string): void {
  if (!Object.hasOwn(INSTEAD, path)) return;
  throw new Failure(`"sensuctl ${path}" is not in this version yet: ${INSTEAD[path]}`);
}
