/**
 * Whether every event is stored. The store keeps the current event of a key only, so what is asked is: the counter of
 * committed events, and of each key its last sequence and the history of results that the sent ones must have made.
 */
import type { Api } from "@sensu-ts/testing";
import { failing } from "./pattern.ts";

const HISTORY = 21;

interface Listed {
  readonly sequence: number;
  readonly entity: { readonly metadata: { readonly name: string } };
  readonly check: { readonly metadata: { readonly name: string }; readonly history: readonly { status: number }[] };
}

export interface Stored {
  /** Keys whose newest event is not the last one sent. */
  readonly behind: number;
  /** Keys whose history is not that of the last results sent, in order and without a gap. */
  readonly gaps: number;
}

/** `sequences`: last sequence sent, by `entity/check`. */
export async function askStored(
  api: Api,
  sequences: Readonly<Record<string, number>>,
  firstSequence: number,
): Promise<Stored> {
  const left = new Map(Object.entries(sequences));
  let gaps = 0;
  let next = "";
  do {
    const path = `/api/core/v2/namespaces/default/events?limit=500&continue=${encodeURIComponent(next)}`;
    const { status, body, headers } = await api.send("GET", path);
    if (status !== 200) throw new Error(`events: ${status} ${JSON.stringify(body)}`);
    for (const { sequence, entity, check } of body as readonly Listed[]) {
      const key = `${entity.metadata.name}/${check.metadata.name}`;
      if (left.get(key) !== sequence) continue;
      left.delete(key);
      const statuses = check.history.map((one) => one.status);
      if (statuses.join() !== expected(entity.metadata.name, sequence, firstSequence).join()) gaps++;
    }
    next = headers.get("sensu-continue") ?? "";
  } while (next !== "");
  return { behind: left.size, gaps };
}

function expected(agent: string, last: number, first: number): readonly number[] {
  const statuses: number[] = [];
  for (let one = Math.max(first, last - HISTORY + 1); one <= last; one++) {
    statuses.push(failing(agent, one) ? 2 : 0);
  }
  return statuses;
}

/** Successfully committed events of checks since the start, keepalives included. */
export async function committed(api: Api): Promise<number> {
  const { body } = await api.send("GET", "/metrics");
  const series = /^sensu_go_events_processed\{([^}]*)\} (\S+)$/gm;
  let sum = 0;
  for (const [, labels = "", value] of String(body).matchAll(series)) {
    if (labels.includes('status="success"') && labels.includes('type="check"')) sum += Number(value);
  }
  return sum;
}
