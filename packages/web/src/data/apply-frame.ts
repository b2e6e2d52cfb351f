/** What a frame does to the page on screen. Pure: the same frames give the same rows as the backend keeps. */
import type { EntitiesPage, EventsPage, Frame } from "./wire.ts";

export function applyToEvents(page: EventsPage | undefined, frame: Frame): EventsPage | undefined {
  if (frame.kind === "events") return frame.page;
  if (!page) return page;
  switch (frame.kind) {
    case "row": {
      const rows = page.rows.filter((row) => row.entity !== frame.event.entity || row.check !== frame.event.check);
      rows.splice(frame.at, 0, frame.event);
      return { ...page, rows: rows.slice(0, page.limit) };
    }
    case "gone":
      return { ...page, rows: page.rows.filter((row) => row.entity !== frame.entity || row.check !== frame.check) };
    case "count":
      return { ...page, matches: frame.matches, counts: frame.counts };
    default:
      return page;
  }
}

export function applyToEntities(page: EntitiesPage | undefined, frame: Frame): EntitiesPage | undefined {
  if (frame.kind === "entities") return frame.page;
  if (!page || frame.kind !== "entity") return page;
  return { ...page, rows: page.rows.map((row) => (row.name === frame.row.name ? frame.row : row)) };
}
