import { Signal, useSignal } from "../data/signal.ts";
import { Icon } from "./Icon.tsx";

interface Toast {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
}

const SHOWN_MS = 5000;
const MAX_SHOWN = 4;
const toasts = new Signal<readonly Toast[]>([]);
let lastId = 0;

export function toast(kind: Toast["kind"], text: string): void {
  const id = ++lastId;
  toasts.set([...toasts.value, { id, kind, text }].slice(-MAX_SHOWN));
  if (kind === "done") setTimeout(() => drop(id), SHOWN_MS);
}

function drop(id: number): void {
  toasts.set(toasts.value.filter((item) => item.id !== id));
}

/** Runs an action and says how it went; true when it worked. */
export async function tell(done: string, action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    toast("done", done);
    return true;
  } catch (error) {
    toast("failed", error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function Toasts() {
  const shown = useSignal(toasts);
  return (
    <div className="toasts">
      {shown.map((item) => (
        <div key={item.id} className={`toast ${item.kind}`} role={item.kind === "failed" ? "alert" : "status"}>
          <Icon name={item.kind === "done" ? "ok" : "critical"} />
          <span>{item.text}</span>
          <button type="button" className="icon-button" aria-label="Close message" onClick={() => drop(item.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
