import { type FormEvent, useState } from "react";
import { signIn } from "../../data/session.ts";

/** U-16: the name is trimmed, the password is not. */
export function SigninForm({ onDone }: { onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError("");
    try {
      await signIn(String(form.get("username")).trim(), String(form.get("password")));
      onDone();
    } catch (failed) {
      setError(failed instanceof TypeError ? "The backend did not answer" : (failed as Error).message);
      setBusy(false);
    }
  }

  return (
    <form className="signin-form" onSubmit={(event) => void submit(event)}>
      <label>
        User
        <input
          name="username"
          required
          // biome-ignore lint/a11y/noAutofocus: the page exists for this field
          autoFocus
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          disabled={busy}
        />
      </label>
      <label>
        Password
        <input name="password" type="password" required autoComplete="current-password" disabled={busy} />
      </label>
      {error !== "" && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <button type="submit" className="primary" disabled={busy}>
        {busy ? "Signing in …" : "Sign in"}
      </button>
    </form>
  );
}
