import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventQuery } from "../../events/events.ts";
import { firstKey, prefixEnd } from "../../kv/keys.ts";
import { Packer } from "./packer.ts";
import type { PackedEvents } from "./protocol.ts";

const COLUMNS = "key, revision, timestamp, status, state, silenced, last_ok, executed, bytes";
const NO_CHECK = "substr(key, -1) = '/'";
/** U-81; each ends in a unique key so that pages neither repeat nor lose events. */
const ORDERS: Readonly<Record<NonNullable<EventQuery["order"]>, readonly (readonly [string, "ASC" | "DESC"])[]>> = {
  name: [["key", "ASC"]],
  newest: [
    ["timestamp", "DESC"],
    ["key", "ASC"],
  ],
  oldest: [
    ["timestamp", "ASC"],
    ["key", "ASC"],
  ],
  severity: [
    [
      `CASE WHEN ${NO_CHECK} THEN 4 WHEN status = 2 THEN 0 WHEN status = 1 THEN 1 WHEN status = 0 THEN 3 ELSE 2 END`,
      "ASC",
    ],
    ["last_ok", "DESC"],
    ["key", "ASC"],
  ],
  lastOk: [
    ["status = 0", "ASC"],
    ["last_ok", "DESC"],
    ["key", "ASC"],
  ],
};

type Row = readonly SQLOutputValue[];

/** Reads of the events table. */
export class EventReads {
  readonly #db: DatabaseSync;
  readonly #get;
  /** Statements by their text: there are as many as combinations of filters in use. */
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM events WHERE key = ?`);
    this.#get.setReturnArrays(true);
  }

  get(keys: readonly string[]): PackedEvents {
    const rows: Row[] = [];
    for (const key of keys) {
      const row = this.#get.get(key) as unknown as Row | undefined;
      if (row !== undefined) rows.push(row);
    }
    return pack(rows, false);
  }

  list(query: EventQuery, afterKey: string | undefined): PackedEvents {
    const descending = query.descending ?? false;
    const { where, values } = filters(query, descending ? undefined : afterKey);
    if (descending && afterKey !== undefined) {
      where.push("key < ?");
      values.push(afterKey);
    }
    const order = ORDERS[query.order ?? "name"]
      .map(([column, way]) => `${column} ${(way === "DESC") === descending ? "ASC" : "DESC"}`)
      .join(", ");
    const limit = query.limit === undefined ? -1 : query.limit + 1;
    const page = `FROM events ${all(where)} ORDER BY ${order} LIMIT ? OFFSET ?`;
    // Sorted without the events' bytes, which would all go through the sorter: then only those of the page are read.
    const statement = this.#statement(
      query.order === undefined || query.order === "name"
        ? `SELECT ${COLUMNS} ${page}`
        : `SELECT ${COLUMNS} FROM events WHERE id IN (SELECT id ${page}) ORDER BY ${order}`,
    );
    const rows = statement.all(...values, limit, query.offset ?? 0) as unknown as Row[];
    const more = query.limit !== undefined && rows.length > query.limit;
    if (more) rows.length = query.limit;
    return pack(rows, more);
  }

  count(query: EventQuery): number {
    const { where, values } = filters(query);
    const row = this.#statement(`SELECT count(*) FROM events ${all(where)}`).get(...values) as unknown as Row;
    return row[0] as number;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= 100) this.#statements.clear();
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function all(where: readonly string[]): string {
  return where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`;
}

/** Names hold no slash, so positions in `namespace/entity/check` are exact. */
function filters(query: EventQuery, after?: string): { where: string[]; values: SQLInputValue[] } {
  const where: string[] = [];
  const values: SQLInputValue[] = [];
  const { namespace, entity, check, status, text } = query;
  const incidents = query.incidents === true || (status !== undefined && !status.includes(0));
  if (namespace !== undefined) {
    const prefix = entity === undefined ? `${namespace}/` : `${namespace}/${entity}/`;
    // With the plus SQLite goes by the index of incidents: few rows where most checks pass.
    const key = incidents && entity === undefined ? "+key" : "key";
    where.push(`${key} >= ? AND ${key} < ?`);
    values.push(firstKey(prefix, after), prefixEnd(prefix) ?? "");
  } else {
    if (after !== undefined) {
      where.push("key >= ?");
      values.push(firstKey("", after));
    }
    if (entity !== undefined) {
      where.push("substr(key, instr(key, '/'), length(?)) = ?");
      values.push(`/${entity}/`, `/${entity}/`);
    }
  }
  if (check !== undefined) {
    where.push("substr(key, -length(?)) = ?");
    values.push(`/${check}`, `/${check}`);
  }
  if (status !== undefined) {
    where.push(`status IN (${status.map(() => "?").join(", ")})`);
    values.push(...status);
  }
  if (incidents) where.push("status <> 0");
  if (query.silenced !== undefined) where.push(query.silenced ? "silenced = 1" : "silenced = 0");
  if (text !== undefined && text !== "") {
    where.push("instr(lower(substr(key, instr(key, '/') + 1)), lower(?)) > 0");
    values.push(text);
  }
  return { where, values };
}

function pack(rows: readonly Row[], more: boolean): PackedEvents {
  let size = 0;
  for (const row of rows) size += (row[8] as Uint8Array).byteLength;
  const packer = new Packer(rows.length, size);
  for (const row of rows) {
    packer.add(
      row[0] as string,
      row[4] as string,
      row[1] as number,
      row[2] as number,
      row[3] as number,
      row[5] as number,
      row[6] as number,
      row[7] as number,
      row[8] as Uint8Array,
    );
  }
  return { ...packer.done(), more };
}
