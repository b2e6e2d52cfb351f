/** One backend and one agent from our packages on a machine of its own, as the guides suppose them. */
import { type Machine, type Program, type Shell, startInstalledMachine, until } from "@sensu-ts/testing";
import { AGENT, BACKENDS, CA, FOLDER, MODE, OWNER, PROFILES } from "./seed-000.ts";

export const ADMIN_PASSWORD = "P@ssw0rd!";

type Unit = "sensu-backend" | "sensu-agent";

/** A trust store of three public authorities is rebuilt in a fraction of the time of 140. */
export const SMALL_STORE = "sed -i '4,$d' /etc/ca-certificates.conf; rm -f /etc/ca-certificates/update.d/*";

const NAMES = ["backend-1.example.com", "backend-2.example.com", "backend-3.example.com", "sensu.example.com"];

export class Site implements AsyncDisposable {
  readonly machine: Machine;
  /** Root at a prompt. */
  readonly shell: Shell;
  /** Journal lines that were there before the unit's last start. */
  readonly #before = new Map<Unit, number>();

  private constructor(machine: Machine) {
    this.machine = machine;
    this.shell = machine.login();
  }

  /** Installed and initialised; nothing runs, nothing is configured. */
  static async start(): Promise<Site> {
    const machine = await startInstalledMachine();
    const site = new Site(machine);
    await site.shell.done(`${SMALL_STORE}
for name in ${NAMES.join(" ")}; do echo "127.0.0.1 $name" >> /etc/hosts; done
sudo -u sensu SENSU_BACKEND_CLUSTER_ADMIN_USERNAME=admin SENSU_BACKEND_CLUSTER_ADMIN_PASSWORD='${ADMIN_PASSWORD}' sensu-backend init
sensu-pki names install; hash -r`);
    return site;
  }

  /** The certificate guide's lines as printed, to its end; the CA's key goes to root's home. */
  async makeCertificates(): Promise<void> {
    for (const line of [...FOLDER, CA, PROFILES, ...BACKENDS, AGENT]) await this.shell.done(line);
    for (const line of ["mv ca-key.pem /root/", OWNER, MODE, "cd"]) await this.shell.done(line);
  }

  /** sensuctl of root, as admin. */
  async login(url: string, options = ""): Promise<void> {
    await this.shell.done(
      `sensuctl configure -n --url ${url} ${options} --username admin --password '${ADMIN_PASSWORD}'`,
    );
  }

  /** Another agent, started by hand as user `sensu` with nothing but these flags. */
  byHand(flags: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const own = ["--config-file", "/dev/null", "--cache-dir", "/tmp/by-hand", "--api-port", "0"];
    return this.machine.start(["sensu-agent", "start", ...own, ...flags], { user: "sensu", env });
  }

  /** Every line of the unit's last start. */
  async journal(unit: Unit): Promise<readonly string[]> {
    const all = (await this.machine.text(`journalctl -u ${unit}`)).trimEnd().split("\n");
    return all.slice(this.#before.get(unit) ?? 0);
  }

  line(unit: Unit, pattern: RegExp, timeoutMs = 40_000): Promise<string> {
    let seen: readonly string[] = [];
    return until(
      `${pattern} in the journal of ${unit}`,
      async () => {
        seen = await this.journal(unit);
        return seen.find((line) => pattern.test(line));
      },
      timeoutMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; its journal:\n${seen.slice(-30).join("\n")}`);
    });
  }

  /** From here on, journals begin anew. */
  async mark(unit: Unit): Promise<void> {
    this.#before.set(unit, (await this.machine.text(`journalctl -u ${unit}`)).split("\n").length - 1);
  }

  async restart(unit: Unit): Promise<void> {
    await this.mark(unit);
    await this.shell.done(`sudo systemctl restart ${unit}`);
  }

  /** Stopped before the mark: its last words must not be taken for those of the next start. */
  async #startAnew(unit: Unit): Promise<void> {
    await this.shell.done(`sudo systemctl stop ${unit}`);
    await this.mark(unit);
    await this.shell.done(`sudo systemctl start ${unit}`);
  }

  /** The backend with this configuration; resolves when it is ready. */
  async backend(configuration: string): Promise<void> {
    await this.machine.write("/etc/sensu/backend.yml", configuration);
    await this.#startAnew("sensu-backend");
    await this.line("sensu-backend", /backend is running and ready to accept events/);
  }

  /** The agent with this configuration; wait for what it says. */
  async agent(configuration: string): Promise<void> {
    await this.machine.write("/etc/sensu/agent.yml", configuration);
    await this.#startAnew("sensu-agent");
  }

  /** Serial of the certificate that a port shows, upper hex. */
  async serial(port: number, host = "localhost"): Promise<string> {
    const shown = await this.machine.text(
      `openssl s_client -connect ${host}:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
    );
    return shown.trim().replace("serial=", "");
  }

  /** Serial of the first certificate in a file, upper hex. */
  async serialOf(file: string): Promise<string> {
    return (await this.machine.text(`openssl x509 -noout -serial -in '${file}'`)).trim().replace("serial=", "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
  }
}

/** The warnings among journal lines. */
export function warningsOf(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line.includes('"level":"warning"'))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}
