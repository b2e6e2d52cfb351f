import type { Info } from "./info.ts";
import type { Paint } from "./paint.ts";
import type { Column } from "./table.ts";

/** How `list` and `info` show a type. */
export interface Layout<T> {
  readonly columns: readonly Column<T>[];
  /** What one value looks like in a list when it takes several rows. */
  rows?(value: T): readonly T[];
  /** Absent when there is no `info` command; a text is printed as it is. */
  info?(value: T, paint: Paint): Info | string;
}
