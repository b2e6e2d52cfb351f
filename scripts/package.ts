/**
 * `npm run package`: the bundles of `dist/` and the pinned Node as Debian packages. Needs no root, and a network only
 * for another architecture than this machine's, whose Node comes from the npm registry (scripts/package-node.ts).
 * Each package has everything it runs below `/usr/lib/<package>/`, in the layout of this repository, so that the
 * launchers of `bin/` serve there too and no two packages share a file (docs/decisions/2026-11-27-packages.md). What
 * else is in a package, its folder in `packaging/` shows.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { DEBIAN_ARCHITECTURES, type NodeFiles, nodeFor, ownArchitecture } from "./package-node.ts";

const root = path.dirname(import.meta.dirname);
const USAGE = `npm run package -- [options]

Builds sensu-go-backend, sensu-go-agent and sensu-go-cli.

  --output DIR         where the .deb files go (default: dist/packages)
  --architecture ARCH  amd64 or arm64 (default: this machine's)
  --compression KIND   gzip (default), xz (a third smaller, takes minutes) or none
  --version VERSION    default: the version in package.json
  --maintainer TEXT    "Name <address>" of whoever answers for these packages (default: DEBFULLNAME and DEBEMAIL, else
                       the administrator of the machine they are on)
`;

interface Package {
  readonly name: string;
  /** Path of the command and the program of `bin/` behind it. */
  readonly commands: Readonly<Record<string, string>>;
  /** Empty folders; owners and modes are the work of `postinst`, once user `sensu` exists. */
  readonly folders: readonly string[];
}

interface Release {
  readonly version: string;
  readonly architecture: string;
  readonly maintainer: string;
  readonly seconds: number;
}

const PACKAGES: readonly Package[] = [
  {
    name: "sensu-go-backend",
    commands: { "usr/sbin/sensu-backend": "sensu-backend" },
    folders: ["etc/sensu", "var/lib/sensu/sensu-backend", "var/cache/sensu/sensu-backend", "var/log/sensu"],
  },
  {
    name: "sensu-go-agent",
    commands: { "usr/sbin/sensu-agent": "sensu-agent" },
    folders: ["etc/sensu", "var/lib/sensu", "var/cache/sensu/sensu-agent", "var/log/sensu"],
  },
  { name: "sensu-go-cli", commands: { "usr/bin/sensuctl": "sensuctl", "usr/bin/sensu-pki": "sensu-pki" }, folders: [] },
];
/**
 * The original's packages of the same names have versions from 5 on: with an epoch ours count as newer, so that apt
 * puts them in their place, and never the other way round by itself.
 */
const EPOCH = 1;
/** Nobody reads mail for the project: packages are built by those who use them. */
const LOCAL = "Local build of sensu-ts <root@localhost>";
const SCRIPTS = ["preinst", "postinst", "prerm", "postrm"];
const EXECUTABLE = /^usr\/lib\/[^/]+\/(bin\/|node_modules\/\.bin\/)|^etc\/init\.d\//;
/** Files below `/etc` that may hold passwords. */
const PRIVATE = /^etc\/default\//;

class PackageError extends Error {}

function capture(file: string, ...args: string[]): string {
  return execFileSync(file, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Seconds since 1970 that every file of the package bears: the same sources give the same bytes. */
function epoch(): number {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given !== undefined) {
    if (!/^\d+$/.test(given)) throw new PackageError(`SOURCE_DATE_EPOCH=${given}: want seconds since 1970`);
    return Number(given);
  }
  try {
    return Number(capture("git", "log", "-1", "--format=%ct"));
  } catch {
    return Math.floor(lstatSync(path.join(root, "CHANGELOG.md")).mtimeMs / 1000);
  }
}

function copyright(programs: readonly string[], node: NodeFiles): string {
  const ours = readFileSync(path.join(root, "LICENSE"), "utf8").trim();
  const bundled = programs
    .flatMap((program) =>
      globSync("LICENSES*.txt", { cwd: path.join(root, "dist", program) })
        .sort()
        .map((file) => path.join(root, "dist", program, file)),
    )
    .map((file) => readFileSync(file, "utf8").trim());
  return [
    `sensu-ts\n\n${ours}`,
    `Libraries in the bundles\n\n${bundled.join("\n\n")}`,
    `Node.js\n\n${readFileSync(node.license, "utf8").trim()}`,
  ].join(`\n\n${"#".repeat(80)}\n`);
}

/** Everything below `folder`, parents first, relative. */
function tree(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => !/^DEBIAN(\/|$)/.test(file))
    .sort();
}

function fill(stage: string, { name, commands, folders }: Package, node: NodeFiles, release: Release): void {
  const home = path.join(stage, "usr/lib", name);
  const programs = Object.values(commands);
  mkdirSync(path.join(home, "node_modules/.bin"), { recursive: true });
  cpSync(node.binary, path.join(home, "node_modules/.bin/node"));
  for (const [command, program] of Object.entries(commands)) {
    if (!existsSync(path.join(root, "dist", program, "main.js")))
      throw new PackageError(`dist/${program} is missing: run npm run build first`);
    cpSync(path.join(root, "dist", program), path.join(home, "dist", program), {
      recursive: true,
      filter: (file) => !/^LICENSES.*\.txt$/.test(path.basename(file)),
    });
    cpSync(path.join(root, "bin", program), path.join(home, "bin", program));
    const link = path.join(stage, command);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.relative(path.dirname(link), path.join(home, "bin", program)), link);
  }
  // What Node loads as modules says so here.
  writeFileSync(path.join(home, "package.json"), `${JSON.stringify({ private: true, type: "module" })}\n`);
  for (const folder of folders) mkdirSync(path.join(stage, folder), { recursive: true });
  const files = path.join(root, "packaging", name, "files");
  if (existsSync(files)) cpSync(files, stage, { recursive: true });
  const doc = path.join(stage, "usr/share/doc", name);
  mkdirSync(doc, { recursive: true });
  writeFileSync(path.join(doc, "copyright"), copyright(programs, node));
  const compressed = (text: string | Buffer) => gzipSync(text, { level: 9 });
  writeFileSync(path.join(doc, "CHANGELOG.md.gz"), compressed(readFileSync(path.join(root, "CHANGELOG.md"))));
  writeFileSync(path.join(doc, "changelog.gz"), compressed(debianChangelog(name, release)));
}

/** What `apt changelog` and its kin read; people find theirs beside it. */
function debianChangelog(name: string, { version, maintainer, seconds }: Release): string {
  const time = new Date(seconds * 1000).toUTCString().replace("GMT", "+0000");
  return `${name} (${EPOCH}:${version}) unstable; urgency=medium\n\n  * What changed is told in CHANGELOG.md.gz.\n\n -- ${maintainer}  ${time}\n`;
}

/** Modes that do not depend on the umask or checkout of whoever builds, and one time for all. */
function settle(stage: string, seconds: number): void {
  for (const file of ["", ...tree(stage)]) {
    const full = path.join(stage, file);
    const stat = lstatSync(full);
    if (!stat.isSymbolicLink()) {
      const executable = stat.isDirectory() || EXECUTABLE.test(file);
      chmodSync(full, executable ? 0o755 : PRIVATE.test(file) ? 0o640 : 0o644);
    }
    lutimesSync(full, seconds, seconds);
  }
}

function control(stage: string, { name }: Package, { version, architecture, maintainer, seconds }: Release): void {
  const folder = path.join(stage, "DEBIAN");
  const source = path.join(root, "packaging", name);
  const files = tree(stage).filter((file) => lstatSync(path.join(stage, file)).isFile());
  const kibibytes = files.reduce((sum, file) => sum + Math.ceil(lstatSync(path.join(stage, file)).size / 1024), 0);
  mkdirSync(folder);
  const fields = [
    `Package: ${name}`,
    `Version: ${EPOCH}:${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${kibibytes}`,
    "Priority: optional",
    readFileSync(path.join(source, "control"), "utf8").trimEnd(),
  ];
  writeFileSync(path.join(folder, "control"), `${fields.join("\n")}\n`);
  const conffiles = files.filter((file) => file.startsWith("etc/")).map((file) => `/${file}\n`);
  if (conffiles.length > 0) writeFileSync(path.join(folder, "conffiles"), conffiles.join(""));
  const sums = files
    .filter((file) => !file.startsWith("etc/"))
    .map(
      (file) =>
        `${createHash("md5")
          .update(readFileSync(path.join(stage, file)))
          .digest("hex")}  ${file}\n`,
    );
  writeFileSync(path.join(folder, "md5sums"), sums.join(""));
  for (const script of SCRIPTS) {
    if (existsSync(path.join(source, script))) cpSync(path.join(source, script), path.join(folder, script));
  }
  for (const file of tree(folder)) {
    chmodSync(path.join(folder, file), SCRIPTS.includes(file) ? 0o755 : 0o644);
    lutimesSync(path.join(folder, file), seconds, seconds);
  }
  chmodSync(folder, 0o755);
  lutimesSync(folder, seconds, seconds);
  lutimesSync(stage, seconds, seconds);
}

/** Debian's own variables for it. */
function maintainerOf(given: string | undefined): string {
  const { DEBFULLNAME: name = "", DEBEMAIL: address = "" } = process.env;
  const text = given ?? (address === "" ? LOCAL : `${name || "sensu-ts"} <${address}>`);
  if (/^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$/.test(text)) return text;
  throw new PackageError(`maintainer ${text}: want "Name <address>"`);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      output: { type: "string", default: path.join(root, "dist/packages") },
      architecture: { type: "string", default: ownArchitecture() ?? "" },
      maintainer: { type: "string" },
      compression: { type: "string", default: "gzip" },
      version: {
        type: "string",
        default: (JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string }).version,
      },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { architecture, version } = values;
  if (!DEBIAN_ARCHITECTURES.includes(architecture))
    throw new PackageError(`--architecture ${architecture}: want ${DEBIAN_ARCHITECTURES.join(" or ")}`);
  const maintainer = maintainerOf(values.maintainer);
  if (!["gzip", "xz", "none"].includes(values.compression))
    throw new PackageError(`--compression ${values.compression}: want gzip, xz or none`);
  if (!/^\d[\w.+~-]*$/.test(values.version))
    throw new PackageError(`--version ${values.version}: want digits first, then letters, digits, . + ~ -`);
  mkdirSync(values.output, { recursive: true });
  const seconds = epoch();
  const release: Release = { version, architecture, maintainer, seconds };
  using node = nodeFor(root, architecture);
  for (const item of PACKAGES) {
    const stage = mkdtempSync(path.join(tmpdir(), "sensu-package-"));
    try {
      fill(stage, item, node, release);
      settle(stage, seconds);
      control(stage, item, release);
      const deb = path.join(values.output, `${item.name}_${version}_${architecture}.deb`);
      execFileSync("dpkg-deb", ["--root-owner-group", `-Z${values.compression}`, "--build", stage, deb], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
      });
      process.stdout.write(`${deb}\n`);
    } finally {
      rmSync(stage, { recursive: true, force: true });
    }
  }
}

try {
  main();
} catch (error) {
  const known = error instanceof PackageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${known ? `${(error as Error).message}\n\n${USAGE}` : (error as Error).stack}\n`);
  process.exitCode = 1;
}
