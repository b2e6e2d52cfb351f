/**
 * A machine of one's own: this one's files under an overlay that is thrown away, with its own processes, network,
 * host name and `/tmp`. Guides can therefore be typed as printed (`/etc/sensu`, port 8080, `useradd`) and leave nothing.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Output, Program, run } from "./program.ts";
import { Shell } from "./shell.ts";

const repository = path.resolve(import.meta.dirname, "../..");

/** Where the repository is inside: not below a home that the user `sensu` may not enter. */
export const PROGRAMS = "/usr/lib/sensu-ts";
const NAMES = ["sensu-backend", "sensu-agent", "sensuctl", "sensu-pki"] as const;

/** Mounting needs root. */
const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

export interface MachineOptions {
  /** Default: `backend-1`. */
  readonly hostname?: string;
  /** `programs` (default): our programs are in PATH and user `sensu` exists; `none`: as if nobody had heard of us. */
  readonly has?: "programs" | "none";
}

/** Takes away what the packages of an operator who uses Sensu on this very machine have left. */
const PRISTINE = `chroot root sh -c 'dpkg --purge --force-all sensu-go-backend sensu-go-agent sensu-go-cli; userdel sensu; groupdel sensu' >/dev/null 2>&1 || true
rm -rf root/var/lib/sensu root/var/cache/sensu root/var/log/sensu root/run/systemd/system`;

const WITH_PROGRAMS = `for name in ${NAMES.join(" ")}; do ln -sf ${PROGRAMS}/bin/$name root/usr/bin/$name; done
chroot root useradd --system --user-group --no-create-home --shell /usr/sbin/nologin sensu 2>/dev/null || true`;

/**
 * Lets the machine's first process see a whole system, then waits for the end of its input. It is bash, which buries
 * whoever loses its parent, as an init does.
 */
function bootScript(folder: string, { hostname = "backend-1", has = "programs" }: MachineOptions): string {
  return `set -e
mount -t tmpfs -o mode=0755 machine '${folder}'
cd '${folder}'
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount -t sysfs sysfs root/sys 2>/dev/null || mount --rbind /sys root/sys
mount -t tmpfs -o mode=1777 tmp root/tmp
mkdir -p root${PROGRAMS}
mount --bind '${repository}' root${PROGRAMS}
ip link set lo up
hostname '${hostname}'
echo '${hostname}' > root/etc/hostname
printf '127.0.0.1 localhost\\n::1 localhost\\n127.0.1.1 %s\\n' '${hostname}' > root/etc/hosts
rm -rf root/etc/sensu root/etc/letsencrypt
${has === "none" ? PRISTINE : WITH_PROGRAMS}
echo up
read end || true`;
}

export interface CommandOptions {
  /** Default: root. */
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export class Machine implements AsyncDisposable {
  readonly #folder: string;
  readonly #first: ChildProcess;

  private constructor(folder: string, first: ChildProcess) {
    this.#folder = folder;
    this.#first = first;
  }

  static async start(options: MachineOptions = {}): Promise<Machine> {
    const folder = mkdtempSync(path.join(tmpdir(), "machine-"));
    const [file = "", ...words] = [
      ...[...asRoot, "unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child"],
      ...["--propagation", "private", "bash", "-c", bootScript(folder, options)],
    ];
    const first = spawn(file, words, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    first.stderr?.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const up = await new Promise<boolean>((resolve) => {
      first.stdout?.once("data", () => resolve(true));
      first.once("close", () => resolve(false));
      first.once("error", () => resolve(false));
    });
    if (!up) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(
        `a machine needs root with the right to mount (CAP_SYS_ADMIN), or sudo without password: ${said}`,
      );
    }
    return new Machine(folder, first);
  }

  /** A command line that runs `words` inside. Its environment holds what a login would set, nothing of this process. */
  command(words: readonly string[], options: CommandOptions = {}): readonly string[] {
    const home = options.user === undefined ? "/root" : "/";
    const env = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: home,
      LANG: "C.UTF-8",
      ...options.env,
    };
    const pid = this.#unshared();
    return [
      ...[
        ...asRoot,
        "nsenter",
        `--mount=/proc/${pid}/ns/mnt`,
        `--net=/proc/${pid}/ns/net`,
        `--uts=/proc/${pid}/ns/uts`,
      ],
      ...[`--ipc=/proc/${pid}/ns/ipc`, `--pid=/proc/${pid}/ns/pid_for_children`],
      ...["chroot", path.join(this.#folder, "root"), "env", "-i", `--chdir=${options.cwd ?? home}`],
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      // The process that is started here is not the program's but its parent's: they end together.
      ...["setpriv", "--pdeathsig", "KILL"],
      ...(options.user === undefined ? [] : [`--reuid=${options.user}`, `--regid=${options.user}`, "--init-groups"]),
      ...words,
    ];
  }

  /** Process id, outside, of the one that holds the namespaces: under sudo a child of what was started. */
  #unshared(): number {
    const { pid = 0 } = this.#first;
    if (asRoot.length === 0) return pid;
    const found = spawnSync("pgrep", ["--parent", String(pid), "--exact", "unshare"], { encoding: "utf8" });
    return Number(found.stdout.trim().split("\n")[0]);
  }

  run(words: readonly string[], options: CommandOptions = {}): Promise<Output> {
    return run(this.command(words, options), options.input === undefined ? {} : { input: options.input });
  }

  /** Runs lines of bash, stopping at the first that fails. */
  shell(lines: string, options: CommandOptions = {}): Promise<Output> {
    return this.run(["bash", "-c", `set -eo pipefail\n${lines}`], options);
  }

  /** What the lines print; throws when one fails. */
  async text(lines: string, options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.shell(lines, options);
    if (code !== 0) throw new Error(`status ${code} of:\n${lines}\n${stdout}${stderr}`);
    return stdout;
  }

  /** A login in which folder and variables last from line to line. */
  login(options: CommandOptions = {}): Shell {
    return new Shell(this.command(["bash", "--noprofile", "--norc"], options));
  }

  /** A program that goes on running inside. */
  start(words: readonly string[], options: CommandOptions = {}): Program {
    return new Program(this.command(words, options));
  }

  async write(file: string, content: string): Promise<void> {
    await this.text(`mkdir -p '${path.dirname(file)}'; cat > '${file}'`, { input: content });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#first.once("close", resolve));
    // The end of its first process is the end of all.
    this.#first.stdin?.end();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
