import { Time } from "../../components/Time.tsx";
import type { Hook } from "../../data/objects.ts";
import { duration } from "../../data/time.ts";
import { Output } from "./Output.tsx";

/** What the check's hooks said, one fold each (U-146). */
export function Hooks({ hooks }: { hooks: readonly Hook[] }) {
  return hooks.map((hook, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same hook may have run twice
    <details key={index}>
      <summary>
        Hook {hook.metadata?.name}: exit status {hook.status}
      </summary>
      <p className="faint">
        <code>{hook.command}</code> ran <Time at={hook.executed} /> for {duration(hook.duration)}
      </p>
      <Output text={hook.output} nothing="The hook wrote nothing." name={hook.metadata?.name ?? "hook"} />
    </details>
  ));
}
