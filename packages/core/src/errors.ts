/**
 * Every error a caller can meet: one code a meaning, with its HTTP status, the number Sensu's clients know (A-31 to
 * A-40) and the default public text. Nobody matches on texts.
 */
const CODES = {
  internal: { status: 500, number: 0, text: "internal error occurred" },
  invalid: { status: 400, number: 1, text: "invalid argument(s) received" },
  notFound: { status: 404, number: 2, text: "not found" },
  alreadyExists: { status: 409, number: 3, text: "resource already exists" },
  denied: { status: 403, number: 4, text: "unauthorized to perform action" },
  unauthenticated: { status: 401, number: 5, text: "unauthenticated" },
  preconditionFailed: { status: 412, number: 7, text: "precondition failed" },
  deadline: { status: 504, number: 8, text: "deadline exceeded" },
  threshold: { status: 400, number: 9, text: "Threshold reached" },
  /** The namespace of a write is not there; the original answers 500 and clients show the text. */
  namespaceMissing: { status: 500, number: 0, text: "the namespace does not exist" },
  /** Something in the way of a deletion, such as a namespace that is not empty. */
  conflict: { status: 409, number: 3, text: "conflict" },
  /** The store is away or a queue is full; trying again later helps. */
  unavailable: { status: 503, number: 0, text: "service unavailable" },
} as const;

export type ErrorCode = keyof typeof CODES;

export class SensuError extends Error {
  readonly code: ErrorCode;

  /** `message` is public: it reaches the caller. What must stay private goes into `options.cause`. */
  constructor(code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? CODES[code].text, options);
    this.name = "SensuError";
    this.code = code;
  }

  get status(): number {
    return CODES[this.code].status;
  }

  /** The number in the `code` field of error bodies. */
  get number(): number {
    return CODES[this.code].number;
  }
}

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(CODES) as ErrorCode[];

export function invalid(message: string, cause?: unknown): SensuError {
  return new SensuError("invalid", message, { cause });
}
