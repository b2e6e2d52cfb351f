import { PKI_COMMANDS, processIo, sensuPki } from "@sensu-ts/pki";
import type { Program } from "../frame/command.ts";

/** S-72: `sensuctl pki` is `sensu-pki`. */
const pki: Program = {
  kind: "program",
  name: "pki",
  summary: "Make and watch certificates (sensu-pki)",
  commands: PKI_COMMANDS,
  run: (argv, streams) => sensuPki(argv, { ...processIo(), out: streams.out, err: streams.err }),
};

export default pki;
