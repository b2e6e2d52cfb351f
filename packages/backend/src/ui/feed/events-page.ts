/**
 * One page of the events list, kept as the store would answer it. Changes are collected per key and applied when the
 * feed asks: rows on the page change in place, others matter only when their status moved. The store is asked again
 * only when a row left and something must fill its place, or when more came than is worth applying one by one.
 */
import type { EventStore } from "@sensu-ts/store";
import type { CommittedEvent } from "../../bus/committed-event.ts";
import type { DeletedEvent } from "../../bus/topics.ts";
import { compareRows } from "../lists/event-order.ts";
import { eventRow } from "../lists/event-row.ts";
import { countMatches, listEvents } from "../lists/events.ts";
import { rowMatches } from "../lists/row-matches.ts";
import { type EventSearch, parseEventSearch } from "../search.ts";
import type { EventListOrder, EventRow, EventsPage, Frame, ListQuestion, StatusCounts } from "../wire.ts";
import type { Round, View } from "./view.ts";

/** More changed keys than this between two flushes: load the page again instead. */
const MAX_PENDING = 500;
/** Shortest time between two questions to the store for one view, ms. */
export const STORE_EVERY_MS = 1000;

type Change = CommittedEvent | DeletedEvent;

export class EventsPageView implements View {
  readonly namespace: string;
  readonly #events: EventStore;
  readonly #question: ListQuestion<EventListOrder>;
  readonly #search: EventSearch;
  readonly #compare: (a: EventRow, b: EventRow) => number;
  readonly #pending = new Map<string, Change>();
  #page: EventsPage;
  #rows: EventRow[] = [];
  #reload = false;
  #recount = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(question: ListQuestion<EventListOrder>, events: EventStore) {
    this.namespace = question.namespace;
    this.#question = question;
    this.#events = events;
    this.#search = parseEventSearch(question.q);
    this.#compare = compareRows(question.order, question.descending);
    const counts = { total: 0, passing: 0, warning: 0, critical: 0, unknown: 0 };
    this.#page = { rows: [], matches: 0, counts, offset: question.offset, limit: question.limit };
  }

  async load(counts?: Promise<StatusCounts>): Promise<void> {
    this.#reload = false;
    this.#recount = false;
    this.#pending.clear();
    this.#page = await listEvents(this.#events, this.#question, counts);
    this.#rows = [...this.#page.rows];
  }

  snapshot(): readonly Frame[] {
    return [{ kind: "events", page: { ...this.#page, rows: this.#rows } }];
  }

  *watches(): Iterable<string> {
    for (const row of this.#rows) yield row.entity;
  }

  get dirty(): boolean {
    return this.#pending.size > 0 || this.#reload || this.#recount;
  }

  offer(event: CommittedEvent, moved: boolean): void {
    if (moved) this.#recount = true;
    else if (!this.#shows(event.entity, event.check)) return;
    if (!this.#reload) event.keep();
    this.#collect(event);
  }

  remove(event: DeletedEvent): void {
    this.#recount = true;
    this.#collect(event);
  }

  entitiesChanged(): void {}

  #shows(entity: string, check: string): boolean {
    return this.#rows.some((row) => row.entity === entity && row.check === check);
  }

  #collect(change: Change): void {
    if (this.#reload) return;
    if (this.#pending.size >= MAX_PENDING) {
      this.#reload = true;
      this.#pending.clear();
      return;
    }
    this.#pending.set(`${change.entity}/${change.check}`, change);
  }

  async flush({ now, mayAsk, counts: ask }: Round): Promise<readonly Frame[]> {
    const frames: Frame[] = [];
    const changes = [...this.#pending.values()];
    this.#pending.clear();
    for (const change of changes) this.#apply(change, frames);
    if (!mayAsk || now - this.#askedAt < STORE_EVERY_MS) return frames;
    if (this.#reload) {
      this.#askedAt = now;
      await this.load(ask(this.namespace));
      return this.snapshot();
    }
    if (this.#recount) {
      this.#askedAt = now;
      this.#recount = false;
      const counts = await ask(this.namespace);
      const matches = await countMatches(this.#events, this.#question, counts);
      this.#page = { ...this.#page, matches, counts };
      frames.push({ kind: "count", matches, counts });
    }
    return frames;
  }

  #apply(change: Change, frames: Frame[]): void {
    const index = this.#rows.findIndex((row) => row.entity === change.entity && row.check === change.check);
    const row = "event" in change ? eventRow(change.entity, change.check, change.event) : undefined;
    const fits = row !== undefined && rowMatches(row, this.#search);
    if (!fits) {
      if (index >= 0) this.#takeOut(index, frames);
      return;
    }
    if (index >= 0) this.#rows.splice(index, 1);
    const found = this.#rows.findIndex((other) => this.#compare(row, other) < 0);
    const at = found < 0 ? this.#rows.length : found;
    const full = this.#rows.length >= this.#question.limit;
    const last = this.#page.offset + this.#rows.length >= this.#page.matches - (index >= 0 ? 1 : 0);
    if (found < 0 && index < 0) {
      if (full) return;
      // There is room, and yet others are said to come first: rows that went may still be counted.
      if (!last) {
        this.#reload = true;
        return;
      }
    }
    if (at === 0 && this.#question.offset > 0 && index !== 0) {
      // It may belong to an earlier page: the rows here shift, which only the store can tell.
      if (index >= 0) this.#rows.splice(index, 0, row);
      this.#reload = true;
      return;
    }
    this.#rows.splice(at, 0, row);
    this.#rows.length = Math.min(this.#rows.length, this.#question.limit);
    // At the end of a page that is not the last, another row may come before it.
    if (found < 0 && !last) this.#reload = true;
    frames.push({ kind: "row", at, event: row });
  }

  #takeOut(index: number, frames: Frame[]): void {
    const [row] = this.#rows.splice(index, 1);
    if (!row) return;
    frames.push({ kind: "gone", entity: row.entity, check: row.check });
    // Others wait on later pages to fill the place.
    if (this.#question.offset + this.#rows.length + 1 < this.#page.matches) this.#reload = true;
  }
}
