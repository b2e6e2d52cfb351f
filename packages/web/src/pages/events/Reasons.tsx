import type { Reason } from "../../data/reasons.ts";

const CLASSES: Readonly<Record<string, string>> = { ok: "passing", warning: "warning", critical: "critical" };

/** Why metrics gave the event its status, above the output that holds them. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="reasons" aria-label="Reasons">
      {reasons.map(({ caption, bound, text }) => (
        <li key={`${bound} ${caption}`} className={CLASSES[caption] ?? "unknown"}>
          <b>{caption}</b> {text}
        </li>
      ))}
    </ul>
  );
}
