/** Whether a changed row still answers the question of its list, as the store would decide it. */
import type { EventSearch } from "../search.ts";
import type { EventRow } from "../wire.ts";

export function rowMatches(row: EventRow, search: EventSearch): boolean {
  return (
    (search.entity === undefined || row.entity === search.entity) &&
    (search.check === undefined || row.check === search.check) &&
    (search.status === undefined || search.status.includes(row.status)) &&
    (!search.incidents || row.status !== 0) &&
    (search.silenced === undefined || search.silenced === row.silenced.length > 0) &&
    (search.text === undefined || asciiLower(`${row.entity}/${row.check}`).includes(asciiLower(search.text)))
  );
}

/** The store ignores the case of ASCII letters only. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
