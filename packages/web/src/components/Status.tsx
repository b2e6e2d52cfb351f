import { Icon, type IconName } from "./Icon.tsx";

export type StatusName = "passing" | "warning" | "critical" | "unknown" | "none";

/** U-227; -1 is an entity without events. */
export function statusName(status: number): StatusName {
  if (status < 0) return "none";
  return status === 0 ? "passing" : status === 1 ? "warning" : status === 2 ? "critical" : "unknown";
}

const ICONS: Readonly<Record<StatusName, IconName>> = {
  passing: "ok",
  warning: "warning",
  critical: "critical",
  unknown: "unknown",
  none: "skip",
};

const WORDS: Readonly<Record<StatusName, string>> = {
  passing: "Passing",
  warning: "Warning",
  critical: "Critical",
  unknown: "Unknown",
  none: "No events",
};

/** Shape, colour and word together: never colour alone. */
export function Status({ status, silenced = false }: { status: number; silenced?: boolean }) {
  const name = statusName(status);
  const word = name === "unknown" ? `Unknown (${status})` : WORDS[name];
  return (
    <span className={`status ${name}${silenced ? " silenced" : ""}`} title={`${word}, exit status ${status}`}>
      <Icon name={ICONS[name]} />
      <span className="word">{WORDS[name]}</span>
      {silenced && (
        <span className="mute" title="Silenced">
          <Icon name="silence" />
          <span className="visually-hidden">, silenced</span>
        </span>
      )}
    </span>
  );
}
