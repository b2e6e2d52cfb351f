import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { FormEnd } from "../../components/FormEnd.tsx";
import { toast } from "../../components/Toasts.tsx";
import { silence } from "../../data/actions.ts";

export interface Target {
  readonly label: string;
  readonly check: string;
  readonly subscription: string;
}

/** The three choices of an event (U-89). */
export function targetsOf(entity: string, check: string): readonly Target[] {
  return [
    { label: `${check} on ${entity}`, check, subscription: `entity:${entity}` },
    { label: `Every check on ${entity}`, check: "", subscription: `entity:${entity}` },
    { label: `${check} on every entity`, check, subscription: "" },
  ];
}

function untilEndOfDay(): number {
  const end = new Date();
  end.setHours(23, 59, 59, 0);
  return Math.max(60, Math.round((end.getTime() - Date.now()) / 1000));
}

/** U-166. */
const DURATIONS: readonly (readonly [string, () => number])[] = [
  ["15 minutes", () => 900],
  ["1 hour", () => 3600],
  ["4 hours", () => 4 * 3600],
  ["End of day", untilEndOfDay],
  ["24 hours", () => 86_400],
  ["7 days", () => 7 * 86_400],
  ["No end", () => 0],
];

export function SilenceDialog(props: {
  namespace: string;
  targets: readonly Target[];
  onClose: () => void;
  onDone: () => void;
}) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const target = props.targets[Number(form.get("target"))];
    const seconds = DURATIONS[Number(form.get("duration"))]?.[1];
    if (!target || !seconds) return;
    setBusy(true);
    try {
      await silence({
        namespace: props.namespace,
        check: target.check,
        subscription: target.subscription,
        seconds: seconds(),
        untilResolved: form.get("resolve") === "on",
        reason: String(form.get("reason") ?? "").trim(),
      });
      toast("done", `Silenced: ${target.label}`);
      props.onDone();
      props.onClose();
    } catch (failed) {
      setError((failed as Error).message);
      setBusy(false);
    }
  }

  return (
    <Dialog title="Silence" onClose={props.onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <fieldset className="choices">
          <legend>What</legend>
          {props.targets.map((target, index) => (
            <label key={target.label} className="choice">
              <input type="radio" name="target" value={index} defaultChecked={index === 0} />
              {target.label}
            </label>
          ))}
        </fieldset>
        <fieldset className="choices inline">
          <legend>For how long</legend>
          {DURATIONS.map(([label], index) => (
            <label key={label} className="choice pill">
              <input type="radio" name="duration" value={index} defaultChecked={index === 1} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <label className="choice">
          <input type="checkbox" name="resolve" /> End it when the check passes
        </label>
        <label className="field">
          Reason
          <input name="reason" maxLength={500} autoComplete="off" placeholder="So that others know" />
        </label>
        <FormEnd error={error} busy={busy} action="Silence" onCancel={props.onClose} />
      </form>
    </Dialog>
  );
}
