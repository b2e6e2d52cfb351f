import { type ReactNode, useState } from "react";
import { Dialog } from "./Dialog.tsx";

/** Asks before something that cannot be undone (U-121). */
export function Confirm(props: {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      <div className="buttons">
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          disabled={busy}
          onClick={() => {
            setBusy(true);
            props.onConfirm().then(props.onClose, props.onClose);
          }}
        >
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
