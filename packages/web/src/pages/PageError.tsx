import type { ErrorComponentProps } from "@tanstack/react-router";

/** One bad page cannot take the others down (U-45). */
export function PageError({ error }: ErrorComponentProps) {
  return (
    <div className="empty" role="alert">
      <h1>This page failed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </div>
  );
}
