import { type ErrorCode, type JsonObject, parseJson, SensuError } from "@sensu-ts/core";
import type { Reply } from "./transport.ts";

const CODE_OF_NUMBER: Readonly<Record<number, ErrorCode>> = {
  1: "invalid",
  2: "notFound",
  3: "alreadyExists",
  4: "denied",
  5: "unauthenticated",
  6: "denied",
  7: "preconditionFailed",
  8: "deadline",
  9: "threshold",
};
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "denied",
  404: "notFound",
  409: "conflict",
  503: "unavailable",
  504: "deadline",
};

/** The API answered with a status of 400 or more. `message` is the text for the user (C-44). */
export class ApiError extends SensuError {
  readonly #status: number;
  readonly #number: number;

  constructor(status: number, number: number, message: string) {
    super(CODE_OF_NUMBER[number] ?? CODE_OF_STATUS[status] ?? "internal", message);
    this.name = "ApiError";
    this.#status = status;
    this.#number = number;
  }

  /** HTTP status of the answer. */
  override get status(): number {
    return this.#status;
  }

  /** `code` of the body, 2 for a 404 without one, 6 for 402, else 0 (C-45). */
  override get number(): number {
    return this.#number;
  }
}

/** Keys are matched without case: authentication errors are capitalised. */
function field(body: JsonObject, name: string): unknown {
  return body[name] ?? Object.entries(body).find(([key]) => key.toLowerCase() === name)?.[1];
}

export function readApiError(reply: Reply): ApiError {
  const { status, statusText, text } = reply;
  if (status === 402) {
    return new ApiError(402, 6, "This functionality requires a valid Sensu Go license, which this backend asks for.");
  }
  let number = status === 404 ? 2 : 0;
  let message = text === "" ? `the API returned: ${status} ${statusText}` : text;
  try {
    const body = parseJson(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) {
      const code = field(body as JsonObject, "code");
      const said = field(body as JsonObject, "message");
      if (typeof code === "number") number = code;
      message = typeof said === "string" ? said : "";
    }
  } catch {
    // Not JSON: the body itself is the message.
  }
  return new ApiError(status, number, message);
}
