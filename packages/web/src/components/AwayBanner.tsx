import { away, tryNow } from "../data/connection.ts";
import { useSignal } from "../data/signal.ts";
import { clock, useTicker } from "../data/time.ts";

/** U-283. What is on screen stays. */
export function AwayBanner() {
  const state = useSignal(away);
  if (!state) return null;
  return <Shown since={state.since} nextTry={state.nextTry} />;
}

function Shown({ since, nextTry }: { since: number; nextTry: number }) {
  useTicker();
  const seconds = Math.ceil((nextTry - Date.now()) / 1000);
  return (
    <div className="away" role="alert">
      <strong>Backend away since {clock(since)}.</strong>
      <span aria-live="off">
        What you see is from then. {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying now …"}
      </span>
      <button type="button" onClick={tryNow}>
        Try now
      </button>
    </div>
  );
}
