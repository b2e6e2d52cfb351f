/** An error of the caller's making, as opposed to one of the disk; crosses to the main thread as its code and text. */
export class Refusal extends Error {
  readonly code: "invalid" | "notFound";

  constructor(code: "invalid" | "notFound", message: string) {
    super(message);
    this.code = code;
  }
}
