import { memo } from "react";
import { RowLink } from "../../components/RowLink.tsx";
import { Status, statusName } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { plainText } from "../../data/ansi.ts";
import type { EventRow } from "../../data/wire.ts";
import { coversRow } from "../silences/covers.ts";
import { useSilences } from "../silences/use-silences.ts";

/** One line of plain text: colours dropped, line ends drawn (U-132). */
function oneLine(output: string): string {
  return plainText(output)
    .trim()
    .replace(/\s*\n\s*/g, " ↵ ");
}

export function eventKey(row: EventRow): string {
  return `${row.entity}/${row.check}`;
}

interface Rows {
  readonly namespace: string;
  readonly rows: readonly EventRow[];
  /** Keys of those that belong to the list no more. */
  readonly left: ReadonlySet<string>;
  readonly cursor?: string | undefined;
}

export function EventRows(props: Rows) {
  const silences = useSilences(props.namespace);
  return (
    <table className="rows events">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Entity</th>
          <th scope="col">Check</th>
          <th scope="col">Output</th>
          <th scope="col">Since</th>
          <th scope="col">Last run</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => {
          const key = eventKey(row);
          const silenced = silences ? silences.some((entry) => coversRow(entry, row)) : row.silenced.length > 0;
          const current = props.cursor === key;
          const { namespace, left } = props;
          return <Row key={key} {...{ namespace, row, silenced, current }} left={left.has(key)} />;
        })}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly namespace: string;
  readonly row: EventRow;
  readonly silenced: boolean;
  readonly current: boolean;
  readonly left: boolean;
}

/** Drawn anew only when it is another: of 200 rows a result changes one. */
const Row = memo(function Row({ namespace, row, silenced, current, left }: RowProps) {
  const output = oneLine(row.output);
  return (
    <tr
      className={`${statusName(row.status)}${silenced ? " silenced" : ""}${left ? " left" : ""}`}
      title={left ? "It belongs to this list no more" : undefined}
      data-cursor={current || undefined}
      aria-current={current || undefined}
    >
      <td className="c-status">
        <Status status={row.status} silenced={silenced} />
        {row.state === "flapping" && <span className="tag">flapping</span>}
      </td>
      <td className="c-entity">
        <RowLink path={["n", namespace, "entities", row.entity]} title={row.entity}>
          {row.entity}
        </RowLink>
      </td>
      <td className="c-check">
        <RowLink
          className="row-link"
          path={["n", namespace, "events", row.entity, row.check]}
          title={`${row.entity} › ${row.check}`}
        >
          {row.check}
        </RowLink>
      </td>
      <td className="c-output" title={output}>
        {output === "" ? <span className="faint">no output</span> : output}
      </td>
      <td className="c-since">
        {row.status === 0 ? (
          <span className="faint">–</span>
        ) : (
          <>
            <Time at={row.lastOk} never="first result" />
            <span className="faint times" title={`${row.occurrences} results in a row`}>
              ×{row.occurrences}
            </span>
          </>
        )}
      </td>
      <td className="c-run">
        <Time at={row.executed || row.timestamp} />
      </td>
    </tr>
  );
});
