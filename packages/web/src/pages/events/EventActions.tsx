import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Confirm } from "../../components/Confirm.tsx";
import { useKeys } from "../../components/keys.ts";
import { tell } from "../../components/Toasts.tsx";
import { clearSilence, deleteEvent, type EventName, resolve, runNow } from "../../data/actions.ts";
import type { CheckResult, Event } from "../../data/objects.ts";
import { useMissing } from "../../data/permissions.ts";
import { covers } from "../silences/covers.ts";
import { SilenceDialog, targetsOf } from "../silences/SilenceDialog.tsx";
import { useSilences } from "../silences/use-silences.ts";

export function EventActions(props: { name: EventName; event: Event; result: CheckResult; onDeleted: () => void }) {
  const { name, event, result } = props;
  const [open, setOpen] = useState<"silence" | "delete">();
  const missing = useMissing(name.namespace);
  const client = useQueryClient();
  const silences = (useSilences(name.namespace) ?? []).filter((entry) => covers(entry, event));
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["silenced", name.namespace] });

  const keepalive = name.check === "keepalive" ? "A keepalive cannot be run by hand" : undefined;
  const noRun = keepalive ?? missing("create", "checks");
  const noResolve = result.status === 0 ? "It is passing" : missing("update", "events");
  const noSilence = missing("create", "silenced");
  const run = () => tell(`Asked for a run of ${name.check}`, () => runNow(name, result.proxy_entity_name ?? ""));
  const resolveNow = () => tell("Resolved", () => resolve(name, event));

  useKeys({
    t: () => noRun === undefined && void run(),
    s: () => noSilence === undefined && setOpen("silence"),
    r: () => noResolve === undefined && void resolveNow(),
  });

  return (
    <div className="actions">
      <ActionButton icon="run" label="Run now" missing={noRun} onClick={run} />
      <ActionButton icon="silence" label="Silence" missing={noSilence} onClick={() => setOpen("silence")} />
      {silences.length > 0 && (
        <ActionButton
          icon="close"
          label={silences.length === 1 ? "Clear silence" : `Clear ${silences.length} silences`}
          missing={missing("delete", "silenced")}
          onClick={() =>
            tell("Silence cleared", async () => {
              for (const entry of silences) await clearSilence(name.namespace, entry.metadata.name ?? "");
            }).finally(refresh)
          }
        />
      )}
      <ActionButton icon="ok" label="Resolve" missing={noResolve} onClick={resolveNow} />
      <ActionButton
        icon="trash"
        label="Delete"
        danger
        missing={missing("delete", "events")}
        onClick={() => setOpen("delete")}
      />
      {open === "silence" && (
        <SilenceDialog
          namespace={name.namespace}
          targets={targetsOf(name.entity, name.check)}
          onClose={() => setOpen(undefined)}
          onDone={refresh}
        />
      )}
      {open === "delete" && (
        <Confirm
          title="Delete this event?"
          action="Delete"
          onClose={() => setOpen(undefined)}
          onConfirm={async () => {
            if (await tell("Event deleted", () => deleteEvent(name))) props.onDeleted();
          }}
        >
          <p>
            The event of <b>{name.check}</b> on <b>{name.entity}</b> and its history go away; this cannot be undone. If
            the check still runs, its next result makes a new event.
          </p>
        </Confirm>
      )}
    </div>
  );
}
