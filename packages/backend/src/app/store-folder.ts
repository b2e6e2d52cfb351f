import { existsSync } from "node:fs";
import path from "node:path";
import { SensuError } from "@sensu-ts/core";

export function storeFolder(stateDir: string): string {
  return path.join(stateDir, "store");
}

/** Whoever puts this version in the place of Sensu Go must not meet an empty store without a word (B-1102). */
export function refuseEtcdData(options: { readonly "state-dir": string; readonly "embedded-store": string }): void {
  const stateDir = options["state-dir"];
  if (options["embedded-store"] === "builtin" || existsSync(storeFolder(stateDir))) return;
  if (!existsSync(path.join(stateDir, "etcd/data/member"))) return;
  throw new SensuError(
    "invalid",
    `${stateDir}/etcd has the data of Sensu Go, which this version cannot read and leaves as it is: write them out with sensuctl dump under the old version and create them here, then set embedded-store: builtin to begin with an empty store beside it`,
  );
}
