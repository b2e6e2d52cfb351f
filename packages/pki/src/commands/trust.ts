/** `sensu-pki trust`: the CA in the system's trust store (S-87 to S-91, S-479, S-480). */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, rmSync, statSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { failure } from "../errors.ts";
import { setOwner } from "../files.ts";
import { type Arguments, type PkiCommand, switchOption, textOption, UsageError } from "./arguments.ts";
import { caKeyFiles, readCaCertificate } from "./directory.ts";

/** A command line to run, or a link to put in place. */
type Step = { run: string[] } | { link: string; to: string } | { unlink: string };

const PLATFORMS = ["debian", "rhel", "macos", "windows"] as const;
type Platform = (typeof PLATFORMS)[number];

const DEBIAN_LINK = "/usr/local/share/ca-certificates/sensu-ca.crt";
const RHEL_LINK = "/etc/pki/ca-trust/source/anchors/sensu-ca.pem";
const KEYCHAIN = "/Library/Keychains/System.keychain";

function installSteps(platform: Platform, file: string): Step[] {
  switch (platform) {
    case "debian":
      return [{ link: DEBIAN_LINK, to: file }, { run: ["update-ca-certificates"] }];
    case "rhel":
      return [
        { run: ["update-ca-trust", "force-enable"] },
        { link: RHEL_LINK, to: file },
        { run: ["update-ca-trust"] },
      ];
    case "macos":
      return [{ run: ["security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN, file] }];
    case "windows":
      return [{ run: ["certutil", "-addstore", "-f", "Root", file] }];
  }
}

function removeSteps(platform: Platform, file: string, name: string): Step[] {
  switch (platform) {
    case "debian":
      return [{ unlink: DEBIAN_LINK }, { run: ["update-ca-certificates", "--fresh"] }];
    case "rhel":
      return [{ unlink: RHEL_LINK }, { run: ["update-ca-trust"] }];
    case "macos":
      return [{ run: ["security", "remove-trusted-cert", "-d", file] }];
    case "windows":
      return [{ run: ["certutil", "-delstore", "Root", name] }];
  }
}

/**
 * Chromium's database, in either place it has had, and every Firefox profile of the user who called; neither reads the
 * system's bundle.
 */
function browserSteps(action: string, file: string): Step[] {
  const home = os.homedir();
  const databases = [
    path.join(home, ".pki/nssdb"),
    path.join(process.env["XDG_DATA_HOME"] || path.join(home, ".local/share"), "pki/nssdb"),
    ...globSync(path.join(home, ".mozilla/firefox/*/cert9.db")).map((found) => path.dirname(found)),
  ].filter((folder) => existsSync(folder));
  if (databases.length === 0) throw failure(`no browser of ${home} has a certificate database yet: start it once`);
  return databases.map((folder) => ({
    run:
      action === "install"
        ? ["certutil", "-d", `sql:${folder}`, "-A", "-t", "C,,", "-n", "sensu-ca", "-i", file]
        : ["certutil", "-d", `sql:${folder}`, "-D", "-n", "sensu-ca"],
  }));
}

function thisPlatform(): Platform {
  if (process.platform === "darwin") return "macos";
  if (process.platform === "win32") return "windows";
  if (existsSync("/usr/sbin/update-ca-certificates") || existsSync("/etc/debian_version")) return "debian";
  if (existsSync("/etc/pki/ca-trust")) return "rhel";
  throw failure("this system is not known: --platform prints the steps of another");
}

function describe(step: Step): string {
  if ("run" in step) return step.run.map((word) => (/^[\w./:=,-]+$/.test(word) ? word : `'${word}'`)).join(" ");
  return "link" in step ? `ln -sfv ${step.to} ${step.link}` : `rm -f ${step.unlink}`;
}

function perform(step: Step): void {
  if ("link" in step) {
    rmSync(step.link, { force: true });
    symlinkSync(step.to, step.link);
  } else if ("unlink" in step) rmSync(step.unlink, { force: true });
  else {
    const [program = "", ...words] = step.run;
    const done = spawnSync(program, words, { stdio: ["ignore", "inherit", "inherit"] });
    if (done.error !== undefined) {
      const hint =
        program === "certutil"
          ? " (package libnss3-tools; or import ca.pem in the browser's certificate settings)"
          : "";
      throw failure(`${program} cannot be run${hint}`, done.error);
    }
    if (done.status !== 0) throw failure(`${describe(step)} failed with status ${done.status}`);
  }
}

/** The certificate must be readable and reachable by everybody (S-3, S-478). */
function openToAll(args: Arguments): void {
  const file = args.directory.file("ca.pem");
  chmodSync(file, 0o644);
  if (process.geteuid?.() === 0) setOwner(file, { uid: 0, gid: statSync(file).gid });
  const mode = statSync(args.directory.path).mode & 0o7777;
  if ((mode & 0o001) === 0) chmodSync(args.directory.path, mode | 0o001);
}

export const trust: PkiCommand = {
  usage: [
    "trust install [--browser] [--dry-run] [--platform debian|rhel|macos|windows]",
    "trust remove [--browser] [--dry-run] [--platform debian|rhel|macos|windows]",
  ],
  options: { browser: switchOption, "dry-run": switchOption, platform: textOption },
  run(args) {
    const { directory, io } = args;
    const [action, ...extra] = args.words;
    if ((action !== "install" && action !== "remove") || extra.length > 0)
      throw new UsageError("trust install or trust remove");
    const given = args.text("platform");
    if (given !== undefined && !PLATFORMS.includes(given as Platform))
      throw new UsageError(`--platform is one of ${PLATFORMS.join(", ")}`);
    const platform = (given as Platform | undefined) ?? thisPlatform();
    // The steps for another machine are only printed.
    const dry = args.on("dry-run") || (given !== undefined && given !== thisPlatform());
    const file = directory.file("ca.pem");
    const keys = caKeyFiles(directory);
    if (!dry && action === "install" && keys.length > 0) {
      throw failure(`${keys.join(" and ")} still lies here: archive it elsewhere and remove it first`);
    }
    const name = dry && !existsSync(file) ? "Sensu CA" : readCaCertificate(directory).commonName;
    const steps = args.on("browser")
      ? browserSteps(action, file)
      : action === "install"
        ? installSteps(platform, file)
        : removeSteps(platform, file, name);
    if (dry) {
      const first = action === "install" ? [`chmod 644 ${file}`, `chown root ${file}`] : [];
      const package_ = { debian: "apt-get install ca-certificates -y", rhel: "yum install -y ca-certificates" };
      const needed = action === "install" && platform in package_ ? [package_[platform as "debian" | "rhel"]] : [];
      const unix = platform === "debian" || platform === "rhel";
      io.out(`${[...(unix ? first : []), ...needed, ...steps.map(describe)].join("\n")}\n`);
      return 0;
    }
    try {
      if (action === "install" && !args.on("browser")) openToAll(args);
      for (const step of steps) perform(step);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EPERM" && code !== "EACCES") throw error;
      throw failure("the system's trust store is changed by root only: use sudo", error);
    }
    return 0;
  },
};
