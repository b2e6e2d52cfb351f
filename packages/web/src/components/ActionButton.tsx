import { useState } from "react";
import { Icon, type IconName } from "./Icon.tsx";
import { toast } from "./Toasts.tsx";

/** A button that says why it cannot be used instead of hiding (U-269), and is off while its call runs. */
export function ActionButton(props: {
  icon: IconName;
  label: string;
  missing?: string | undefined;
  danger?: boolean;
  /** A promise keeps the button off until it is done. */
  onClick: () => unknown;
}) {
  const [busy, setBusy] = useState(false);
  const off = props.missing !== undefined || busy;
  return (
    <button
      type="button"
      className={props.danger ? "action danger-text" : "action"}
      aria-disabled={off}
      title={props.missing}
      onClick={() => {
        // Who cannot hover reads it here.
        if (props.missing !== undefined) toast("failed", props.missing);
        if (off) return;
        const result = props.onClick();
        if (!(result instanceof Promise)) return;
        setBusy(true);
        result.finally(() => setBusy(false)).catch(() => undefined);
      }}
    >
      <Icon name={props.icon} />
      {props.label}
    </button>
  );
}
