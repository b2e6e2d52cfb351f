import { SensuError } from "@sensu-ts/core";

/**
 * What this package throws. `number` is cfssl's (S-68): 10xx certificate file, 20xx key file, 2100 encrypted key,
 * 2300 key mismatch, 2400 key request, 5200 policy, 5300 request, 5500 whitelist, 9xxx CSR; 0 where cfssl has none and
 * prints a plain line.
 */
export class PkiError extends SensuError {
  readonly pkiNumber: number;

  constructor(pkiNumber: number, message: string, options?: ErrorOptions) {
    super("invalid", message, options);
    this.pkiNumber = pkiNumber;
  }

  override get number(): number {
    return this.pkiNumber;
  }

  /** As cfssl prints it. */
  get line(): string {
    return this.pkiNumber === 0 ? this.message : JSON.stringify({ code: this.pkiNumber, message: this.message });
  }
}

/** A failure without a number of cfssl's. */
export function failure(message: string, cause?: unknown): PkiError {
  return new PkiError(0, message, { cause });
}
