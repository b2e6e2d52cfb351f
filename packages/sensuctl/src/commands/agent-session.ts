/** Agents that are connected to the backend now (S-418). An addition of ours: other backends do not have it. */
import { ApiError, withQuery } from "@sensu-ts/client";
import type { Json, JsonObject } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { ALL_NAMESPACES, FORMAT } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { chosenFormat, printPlain } from "../print/output.ts";
import { type Column, renderTable } from "../print/table.ts";
import { localTimeOrNone } from "../print/time.ts";

const text = (row: JsonObject, key: string): string => (typeof row[key] === "string" ? row[key] : "");
const time = (row: JsonObject, key: string): string => localTimeOrNone(typeof row[key] === "number" ? row[key] : 0);

const COLUMNS: readonly Column<JsonObject>[] = [
  { title: "Entity", cell: (row) => text(row, "entity"), style: "primary" },
  { title: "User", cell: (row) => text(row, "user") },
  { title: "Method", cell: (row) => text(row, "method") },
  { title: "Subject", cell: (row) => text(row, "subject") },
  { title: "Serial", cell: (row) => text(row, "serial") },
  { title: "Not After", cell: (row) => time(row, "not_after") },
  { title: "TLS", cell: (row) => text(row, "tls_version") },
  { title: "Address", cell: (row) => text(row, "address") },
  { title: "Connected Since", cell: (row) => time(row, "connected_since") },
];
const NAMESPACE: Column<JsonObject> = { title: "Namespace", cell: (row) => text(row, "namespace") };

async function fetchSessions(session: Session, namespace: string): Promise<Json> {
  try {
    return await (await session.client()).get(withQuery("/api/ui/v1/agent-sessions", { namespace }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      throw new Failure("this backend does not tell of its agents' sessions");
    }
    throw error;
  }
}

const list = leaf({
  name: "list",
  summary: "list the agents that are connected",
  flags: [FORMAT, ALL_NAMESPACES],
  async run(session, flags) {
    const all = flags["all-namespaces"];
    const rows = (await fetchSessions(session, all ? "" : session.namespace)) as readonly JsonObject[];
    printPlain(session, chosenFormat(session, flags.format), rows, rows, () =>
      renderTable(all ? [NAMESPACE, ...COLUMNS] : COLUMNS, rows, session.paint),
    );
  },
});

export default group("agent-session", "Show connections of agents", [list]);
