/** The pair that signs tokens, from its files, taken anew when they change (S-161, S-241). */
import { readFileSync } from "node:fs";
import { SensuError } from "@sensu-ts/core";
import { exposureWarning, FileWatch, type Logger, openError } from "@sensu-ts/runtime";
import { readKeyPair } from "../../access/mod.ts";

type KeyPair = ReturnType<typeof readKeyPair>;

export interface JwtKeysOptions {
  /** Empty: none. */
  readonly privateFile: string;
  readonly publicFile: string;
  /** A private key that everybody on the host can read is refused instead of warned about (S-404). */
  readonly strictPermissions: boolean;
  readonly log: Logger;
  readonly pollMs?: number;
}

export class JwtKeys {
  readonly #options: JwtKeysOptions;
  readonly #watch: FileWatch;
  #use: ((keyPair: KeyPair) => void) | undefined;
  #texts = "";
  #lastError = "";

  constructor(options: JwtKeysOptions) {
    this.#options = options;
    this.#watch = new FileWatch({
      files: () => [options.privateFile, options.publicFile].filter((file) => file !== ""),
      changed: () => this.#swap(),
      pollMs: options.pollMs,
    });
  }

  /** Throws what forbids the start. */
  read(): KeyPair {
    const [privatePem, publicPem] = [text(this.#options.privateFile), text(this.#options.publicFile)];
    const keyPair = readKeyPair(privatePem, publicPem);
    const exposed = this.#exposed();
    if (exposed !== undefined && this.#options.strictPermissions) {
      throw new SensuError("invalid", `${exposed}, or strict-permissions: false`);
    }
    this.#texts = JSON.stringify([privatePem, publicPem]);
    return keyPair;
  }

  /** From now on `use` gets each pair that takes the place of the one read before. */
  async start(use: (keyPair: KeyPair) => void): Promise<void> {
    this.#use = use;
    const exposed = this.#exposed();
    if (exposed !== undefined) this.#options.log.warn({}, exposed);
    await this.#watch.start();
    this.#swap();
  }

  stop(): Promise<void> {
    this.#use = undefined;
    return this.#watch.stop();
  }

  async reload(): Promise<void> {
    this.#swap();
  }

  #exposed(): string | undefined {
    const { privateFile } = this.#options;
    return privateFile === "" ? undefined : exposureWarning("private key", privateFile);
  }

  #swap(): boolean {
    const before = this.#texts;
    try {
      const keyPair = this.read();
      this.#lastError = "";
      if (this.#texts === before) return true;
      this.#use?.(keyPair);
      this.#options.log.warn(
        {},
        "jwt-private-key-file and jwt-public-key-file reloaded: new tokens are signed with the new pair",
      );
      return true;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#lastError) {
        this.#options.log.error({}, `token keys not reloaded, the present pair stays: ${message}`);
      }
      this.#lastError = message;
      return false;
    }
  }
}

function text(file: string): string | undefined {
  if (file === "") return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = `could not load the key pair for the JWT signature: ${openError(file, error)}`;
    throw new SensuError("invalid", reason, { cause: error });
  }
}
