import type { ApiError } from "../data/api.ts";

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

export function Refused({ error }: { error: ApiError }) {
  const title =
    error.status === 403 ? "You may not see this" : error.status === 400 ? "The search is not understood" : "No answer";
  return (
    <div className="empty" role="alert">
      <h2>{title}</h2>
      <p>{error.message}</p>
      {error.status === 403 && <p className="faint">Ask an administrator of this namespace for the permission.</p>}
    </div>
  );
}
