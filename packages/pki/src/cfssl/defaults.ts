/** `cfssl print-defaults` (S-64). */
import { failure } from "../errors.ts";
import type { Command } from "./command.ts";

const DEFAULTS: Readonly<Record<string, object>> = {
  config: {
    signing: {
      default: { expiry: "168h" },
      profiles: {
        www: { expiry: "8760h", usages: ["signing", "key encipherment", "server auth"] },
        client: { expiry: "8760h", usages: ["signing", "key encipherment", "client auth"] },
      },
    },
  },
  csr: {
    CN: "example.net",
    hosts: ["example.net", "www.example.net"],
    key: { algo: "ecdsa", size: 256 },
    names: [{ C: "US", ST: "CA", L: "San Francisco" }],
  },
};

export const printDefaults: Command = {
  usage: ["cfssl print-defaults list", "cfssl print-defaults config", "cfssl print-defaults csr"],
  flags: {},
  run({ flags, io }) {
    const [name] = flags.rest;
    if (name === undefined) throw failure("not enough arguments are supplied --- please refer to the usage");
    if (name === "list") {
      io.out(
        `Default configurations are available for:\n${Object.keys(DEFAULTS)
          .map((one) => `\t${one}\n`)
          .join("")}`,
      );
      return;
    }
    const found = DEFAULTS[name];
    if (found === undefined) throw failure(`there is no default ${JSON.stringify(name)}: config, csr or list`);
    io.out(`${JSON.stringify(found, null, 4)}\n\n`);
  },
};
