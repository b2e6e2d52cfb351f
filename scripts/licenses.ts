/** The licence texts of what npm brought into a bundle: their authors ask that these go wherever the code goes. */
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";

/** `files` are the inputs of a bundle, relative to `root`. */
export function licenses(root: string, files: readonly string[]): string {
  const folders = new Set<string>();
  for (const file of files) {
    const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
    if (match) folders.add(match[0]);
  }
  const texts = new Map<string, string>();
  for (const folder of folders) {
    const description = path.join(root, folder, "package.json");
    if (!existsSync(description)) continue;
    const { name, version, license } = JSON.parse(readFileSync(description, "utf8")) as Record<string, unknown>;
    const found = globSync("{LICENSE,LICENCE,license,License,NOTICE,COPYING}{,.*,-*}", {
      cwd: path.join(root, folder),
    });
    const text = found.sort().map((file) => readFileSync(path.join(root, folder, file), "utf8").trim());
    texts.set(`${name} ${version} (${license})`, text.join("\n\n"));
  }
  return [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, text]) => `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n${text}\n`)
    .join("\n");
}
