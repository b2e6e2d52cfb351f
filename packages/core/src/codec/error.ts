import { SensuError } from "../errors.ts";

/** Bytes or text that do not follow their format. The message names the field where there is one. */
export class CodecError extends SensuError {
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", message, options);
    this.name = "CodecError";
  }
}
