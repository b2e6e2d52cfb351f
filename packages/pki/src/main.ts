/** One bundle, three programs: `cfssl`, `cfssljson` and `sensu-pki`, by the name it is started as or the first word. */
import path from "node:path";
import { processIo } from "./io.ts";

// A reader that goes away (`| head`) ends the output, not in a stack trace.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const NAMES = ["cfssl", "cfssljson", "sensu-pki"];

let [name = "", ...words] = process.argv.slice(2);
const started = path.basename(process.argv[1] ?? "");
if (NAMES.includes(started)) {
  words = process.argv.slice(2);
  name = started;
} else if (!NAMES.includes(name)) {
  words = process.argv.slice(2);
  name = "sensu-pki";
}

const io = processIo();
try {
  if (name === "cfssl") {
    const { cfssl } = await import("./cfssl/cfssl.ts");
    process.exitCode = await cfssl(words, io);
  } else if (name === "cfssljson") {
    const { cfssljson } = await import("./cfssl/cfssljson.ts");
    process.exitCode = await cfssljson(words, io);
  } else {
    const { sensuPki } = await import("./commands/sensu-pki.ts");
    process.exitCode = await sensuPki(words, io);
  }
} catch (error) {
  io.err(`${name}: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
