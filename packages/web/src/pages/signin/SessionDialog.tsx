import { useQueryClient } from "@tanstack/react-query";
import { Dialog } from "../../components/Dialog.tsx";
import { returns } from "../../data/connection.ts";
import { dropSession, sessionExpired } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { SigninForm } from "./SigninForm.tsx";

/** U-23: the page behind stays, so a half-filled form survives signing in again. */
export function SessionDialog() {
  const expired = useSignal(sessionExpired);
  const client = useQueryClient();
  if (!expired) return null;
  return (
    <Dialog title="Your session has ended" onClose={dropSession}>
      <p>Sign in again to go on where you were.</p>
      <SigninForm
        onDone={() => {
          returns.set(returns.value + 1);
          void client.invalidateQueries();
        }}
      />
    </Dialog>
  );
}
