import { type Event, formatUuid } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { joined, listed } from "./text.ts";
import { localTime } from "./time.ts";

/** Events without a check have empty cells (C-60). */
export const eventLayout: Layout<Event> = {
  columns: [
    { title: "Entity", cell: ({ entity }) => entity?.metadata.name ?? "", style: "primary" },
    { title: "Check", cell: ({ check }) => check?.metadata.name ?? "" },
    { title: "Output", cell: ({ check }) => check?.output ?? "" },
    { title: "Status", cell: ({ check }) => (check === undefined ? "" : String(check.status)) },
    {
      title: "Silenced",
      cell: ({ check }, paint) => (check === undefined ? "" : paint.boolean(check.is_silenced)),
    },
    { title: "Timestamp", cell: ({ timestamp }) => localTime(timestamp) },
    { title: "UUID", cell: ({ id }) => uuidText(id) },
  ],
  info({ entity, check, timestamp, id }) {
    const entityName = entity?.metadata.name ?? "";
    const checkName = check?.metadata.name ?? "";
    return {
      title: `${entityName} - ${checkName}`,
      rows: [
        ["Entity", entityName],
        ["Check", checkName],
        ["Output", (check?.output ?? "").replace(/\n$/, "")],
        ["Status", check === undefined ? "" : String(check.status)],
        ["History", joined((check?.history ?? []).map(({ status }) => String(status)))],
        ["Silenced", check === undefined ? "" : String(check.is_silenced)],
        ...(check?.is_silenced ? [["Silenced By", listed(check.silenced)] as const] : []),
        ["Timestamp", localTime(timestamp)],
        ["UUID", uuidText(id)],
      ],
    };
  },
};

function uuidText(id: Uint8Array): string {
  return id.some((byte) => byte !== 0) ? formatUuid(id) : "";
}
