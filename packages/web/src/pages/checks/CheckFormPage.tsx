import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { toast } from "../../components/Toasts.tsx";
import { corePath, sendJson } from "../../data/api.ts";
import { useMissing } from "../../data/permissions.ts";
import { type CheckForm, checkOf, type Problems, problemsOf } from "./new-check.ts";
import { Subscriptions } from "./Subscriptions.tsx";

const EMPTY: CheckForm = {
  name: "",
  command: "",
  subscriptions: "",
  schedule: "interval",
  interval: "60",
  cron: "",
  timeout: "",
  handlers: "",
};

export function CheckFormPage() {
  const { namespace } = useParams({ strict: false }) as { namespace: string };
  const [form, setForm] = useState(EMPTY);
  const [problems, setProblems] = useState<Problems>({});
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const missing = useMissing(namespace)("create", "checks");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const found = problemsOf(form);
    setProblems(found);
    const [first] = Object.keys(found);
    if (first !== undefined) {
      document.getElementById(`check-${first}`)?.focus();
      return;
    }
    setBusy(true);
    setError("");
    try {
      await sendJson("POST", corePath(namespace, "checks"), checkOf(namespace, form));
      await client.invalidateQueries({ queryKey: ["checks", namespace] });
      toast("done", `Check ${form.name} added`);
      await navigate({ to: "/n/$namespace/checks", params: { namespace } });
    } catch (failed) {
      setError((failed as Error).message);
      setBusy(false);
    }
  }

  const text = (field: keyof CheckForm, more: Record<string, string> = {}): ReactNode => (
    <input
      id={`check-${field}`}
      value={form[field]}
      autoComplete="off"
      spellCheck={false}
      aria-invalid={problems[field] !== undefined}
      aria-describedby={problems[field] === undefined ? undefined : `problem-${field}`}
      onChange={(event) => setForm({ ...form, [field]: event.target.value })}
      {...more}
    />
  );
  const field = (name: keyof CheckForm, label: string, hint: string, input: ReactNode): ReactNode => (
    <div className="field">
      <label htmlFor={`check-${name}`}>{label}</label>
      {input}
      {problems[name] === undefined ? (
        <p className="hint">{hint}</p>
      ) : (
        <p className="error" id={`problem-${name}`}>
          {problems[name]}
        </p>
      )}
    </div>
  );

  return (
    <section className="form-page">
      <h1>Add a check</h1>
      {missing && (
        <p className="notice" role="status">
          {missing}
        </p>
      )}
      <form className="card" noValidate onSubmit={(event) => void submit(event)}>
        {field("name", "Name", "How it is called in events", text("name", { placeholder: "check-disk" }))}
        {field(
          "command",
          "Command",
          "Run by the agent's shell; exit status 0 passes, 1 warns, 2 is critical",
          text("command", { placeholder: "check_disk -w 80% -c 90%" }),
        )}
        {field(
          "subscriptions",
          "Subscriptions",
          "Agents with one of these run it, e.g. linux, web",
          text("subscriptions", { placeholder: "linux" }),
        )}
        <Subscriptions
          namespace={namespace}
          text={form.subscriptions}
          onText={(subscriptions) => setForm({ ...form, subscriptions })}
        />
        <fieldset className="choices inline">
          <legend>Schedule</legend>
          {(["interval", "cron", "none"] as const).map((schedule) => (
            <label key={schedule} className="choice pill">
              <input
                type="radio"
                name="schedule"
                checked={form.schedule === schedule}
                onChange={() => setForm({ ...form, schedule })}
              />
              <span>{{ interval: "Every", cron: "Cron", none: "By hand only" }[schedule]}</span>
            </label>
          ))}
        </fieldset>
        {form.schedule === "interval" &&
          field("interval", "Seconds between runs", "60 is once a minute", text("interval", { inputMode: "numeric" }))}
        {form.schedule === "cron" &&
          field(
            "cron",
            "Cron expression",
            "Minute, hour, day, month, weekday",
            text("cron", { placeholder: "*/5 * * * *" }),
          )}
        {field("timeout", "Timeout in seconds", "Empty: no limit", text("timeout", { inputMode: "numeric" }))}
        {field("handlers", "Handlers", "Who is told about incidents; may be empty", text("handlers"))}
        {error !== "" && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        <div className="buttons">
          <Link className="button" to="/n/$namespace/checks" params={{ namespace }}>
            Cancel
          </Link>
          <button type="submit" className="primary" disabled={busy || missing !== undefined}>
            Add check
          </button>
        </div>
      </form>
    </section>
  );
}
