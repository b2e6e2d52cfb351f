/** `sensu-pki names`: this program under the names `cfssl` and `cfssljson` (S-473). */
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { failure } from "../errors.ts";
import { writeFileSafely } from "../files.ts";
import { type PkiCommand, switchOption, UsageError } from "./arguments.ts";

const NAMES = ["cfssl", "cfssljson"] as const;
const MARK = "# A name of sensu-pki.";

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A plain file and no link: a download over it must not reach the program itself. */
function launcher(name: string): string {
  const started = realpathSync(process.argv[1] ?? "");
  // Under `sensuctl pki` the program that knows these names is the bundle beside it.
  const bundle = path.join(path.dirname(started), "../sensu-pki/main.js");
  const program = existsSync(bundle) ? bundle : started;
  return `#!/bin/sh\n${MARK}\nexec ${quote(process.execPath)} ${quote(program)} ${name} "$@"\n`;
}

function isOurs(file: string): boolean {
  return lstatSync(file).isFile() && readFileSync(file, "latin1").slice(0, 200).includes(MARK);
}

export const names: PkiCommand = {
  usage: ["names install [FOLDER] [--force]", "names remove [FOLDER] [--force]"],
  options: { force: switchOption },
  run(args) {
    const [action, folder = "/usr/local/bin", ...extra] = args.words;
    if ((action !== "install" && action !== "remove") || extra.length > 0)
      throw new UsageError("names install or names remove");
    const files = NAMES.map((name) => ({ name, file: path.join(folder, name) }));
    const there = files.filter(
      ({ file }) => existsSync(file) || lstatSync(file, { throwIfNoEntry: false }) !== undefined,
    );
    const foreign = there.find(({ file }) => !isOurs(file));
    if (foreign !== undefined && !args.on("force"))
      throw failure(`${foreign.file} is not of this program (--force ignores that)`);
    for (const { file } of there) rmSync(file);
    if (action === "install") {
      mkdirSync(folder, { recursive: true });
      for (const { name, file } of files) writeFileSafely(file, launcher(name), { mode: 0o755, exact: true });
    }
    const done = action === "install" ? files : there;
    args.io.out(done.map(({ file }) => `${file} ${action === "install" ? "installed" : "removed"}\n`).join(""));
    return 0;
  },
};
