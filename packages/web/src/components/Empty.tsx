import type { ApiError } from "../data/api.ts";
import { returns } from "../data/connection.ts";

/** Shown after a moment only (U-287). */
export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: 8 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <i key={index} />
      ))}
    </div>
  );
}

function titleOf({ status }: ApiError): string {
  if (status === 403) return "You may not see this";
  if (status === 404) return "Not found";
  if (status === 400) return "The search is not understood";
  if (status === 504) return "It took too long";
  return status === 0 ? "No answer" : "The backend failed";
}

/** `heading` is h1 where nothing else of the page is there. */
export function Refused({ error, heading: Heading = "h2" }: { error: ApiError; heading?: "h1" | "h2" }) {
  return (
    <div className="empty" role="alert">
      <Heading>{titleOf(error)}</Heading>
      <p>{error.message}</p>
      {error.status === 403 && <p className="faint">Ask an administrator of this namespace for the permission.</p>}
      {(error.status === 0 || error.status >= 500) && (
        <button type="button" onClick={() => returns.set(returns.value + 1)}>
          Try again
        </button>
      )}
    </div>
  );
}
