import { Link } from "@tanstack/react-router";

export function NotFound({ what }: { what: string }) {
  return (
    <div className="empty">
      <h1>Not found</h1>
      <p>
        There is no <code>{what}</code>, or you may not see it.
      </p>
      <Link to="/">Go to the start page</Link>
    </div>
  );
}
