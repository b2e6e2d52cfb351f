import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Ansi } from "../../components/Ansi.tsx";
import { Icon, type IconName } from "../../components/Icon.tsx";
import { Time } from "../../components/Time.tsx";
import { getJson } from "../../data/api.ts";
import type { Trace, TraceRun, TraceStep } from "../../data/wire.ts";

const VERDICTS: Readonly<Record<TraceRun["verdict"], string>> = {
  delivered: "Delivered",
  filtered: "Stopped by a filter",
  silenced: "Silenced",
  failed: "Failed",
  nothing: "Nothing to do",
  running: "Running",
};

const OUTCOMES: Readonly<Record<TraceStep["outcome"], readonly [IconName, string]>> = {
  passed: ["ok", "passed"],
  refused: ["close", "refused the event"],
  done: ["ok", "ran"],
  failed: ["critical", "failed"],
  skipped: ["skip", "skipped"],
};

/** Handlers finish after the event is stored: ask again a moment after each change. */
const SETTLE_MS = 1000;

/** "Why was nobody alerted?" (U-364). */
export function Path({ query, changes }: { query: string; changes: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["trace", query],
    queryFn: ({ signal }) => getJson<readonly Trace[]>(`/api/ui/v1/trace?${query}`, signal),
    // A handler may still be running when it was asked for.
    refetchInterval: (state) => (state.state.data?.[0]?.runs.some((run) => run.verdict === "running") ? 2000 : false),
  });
  useEffect(() => {
    if (changes === 0) return;
    const timer = setTimeout(() => void refetch(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [changes, refetch]);
  if (error) return <p className="faint">{error.message}</p>;
  if (!data) return <p className="faint">Loading …</p>;
  const [latest, ...earlier] = data;
  if (!latest) {
    return (
      <p className="faint">
        No path is remembered for this event: it passed no pipeline or handler since the backend started.
      </p>
    );
  }
  return (
    <>
      <OneTrace trace={latest} />
      {earlier.length > 0 && (
        <details>
          <summary>{earlier.length} earlier</summary>
          {earlier.map((trace) => (
            <OneTrace key={trace.at} trace={trace} />
          ))}
        </details>
      )}
    </>
  );
}

function OneTrace({ trace }: { trace: Trace }) {
  return (
    <div className="trace">
      <p className="faint">
        Result with status {trace.status}, <Time at={Math.floor(trace.at / 1000)} />
      </p>
      {trace.runs.length === 0 && <p>No handler or pipeline is configured for this check.</p>}
      {trace.runs.map((run) => (
        <section key={run.name} className={`run ${run.verdict}`}>
          <h3>
            <span>{run.name}</span> <span className={`verdict ${run.verdict}`}>{VERDICTS[run.verdict]}</span>
          </h3>
          <ol className="steps">
            {run.steps.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a filter may stand twice in a run
              <Step key={`${step.kind}-${step.name}-${index}`} step={step} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Step({ step }: { step: TraceStep }) {
  const [icon, words] = OUTCOMES[step.outcome];
  return (
    <li className={`step ${step.outcome}`}>
      <Icon name={icon} />
      <div>
        <span className="kind">{step.kind}</span> <b>{step.name}</b> {words}
        {step.exit >= 0 && <>, exit status {step.exit}</>}
        {step.ms >= 0 && <span className="faint"> · {Math.round(step.ms)} ms</span>}
        {step.detail !== "" && <p className="detail">{step.detail}</p>}
        {step.output.trim() !== "" && (
          <pre className="output small">
            <Ansi text={step.output} />
          </pre>
        )}
      </div>
    </li>
  );
}
