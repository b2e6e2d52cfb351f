import { type FormEvent, useState } from "react";
import { Dialog } from "../components/Dialog.tsx";
import { FormEnd } from "../components/FormEnd.tsx";
import { toast } from "../components/Toasts.tsx";
import { sendJson } from "../data/api.ts";

const SHORTEST = 8;

/** U-26: of the user who is signed in; the backend asks for the old one. */
export function PasswordDialog({ user, onClose }: { user: string; onClose: () => void }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name));
    if (text("new") !== text("again")) {
      setError("The new password and its repetition differ");
      return;
    }
    setBusy(true);
    try {
      const path = `/api/core/v2/users/${encodeURIComponent(user)}/change_password`;
      await sendJson("PUT", path, { password: text("old"), password_new: text("new") });
      toast("done", "Password changed");
      onClose();
    } catch (failed) {
      setError((failed as Error).message);
      setBusy(false);
    }
  }

  return (
    <Dialog title="Change password" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {/* Password managers look for it. */}
        <input
          className="visually-hidden"
          name="username"
          autoComplete="username"
          value={user}
          readOnly
          tabIndex={-1}
          aria-label="User"
        />
        <label className="field">
          Old password
          <input name="old" type="password" required autoComplete="current-password" />
        </label>
        <label className="field">
          New password, at least {SHORTEST} characters
          <input name="new" type="password" required minLength={SHORTEST} autoComplete="new-password" />
        </label>
        <label className="field">
          New password again
          <input name="again" type="password" required minLength={SHORTEST} autoComplete="new-password" />
        </label>
        <FormEnd error={error} busy={busy} action="Change password" onCancel={onClose} />
      </form>
    </Dialog>
  );
}
