import { Link } from "@tanstack/react-router";
import { Status, statusName } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { parseAnsi } from "../../data/ansi.ts";
import type { EventRow } from "../../data/wire.ts";
import { coversRow } from "../silences/covers.ts";
import { useSilences } from "../silences/use-silences.ts";

/** One line of plain text: colours dropped, line ends drawn (U-132). */
function oneLine(output: string): string {
  const text = parseAnsi(output)
    .map((run) => run.text)
    .join("");
  return text.trim().replace(/\s*\n\s*/g, " ↵ ");
}

export function EventRows(props: { namespace: string; rows: readonly EventRow[]; cursor: string | undefined }) {
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
          const key = `${row.entity}/${row.check}`;
          const silenced = silences ? silences.some((entry) => coversRow(entry, row)) : row.silenced.length > 0;
          const current = props.cursor === key;
          return <Row key={key} namespace={props.namespace} row={row} silenced={silenced} current={current} />;
        })}
      </tbody>
    </table>
  );
}

function Row(props: { namespace: string; row: EventRow; silenced: boolean; current: boolean }) {
  const { namespace, row, silenced, current } = props;
  const output = oneLine(row.output);
  return (
    <tr
      className={`${statusName(row.status)}${silenced ? " silenced" : ""}`}
      data-cursor={current || undefined}
      aria-current={current || undefined}
    >
      <td className="c-status">
        <Status status={row.status} silenced={silenced} />
        {row.state === "flapping" && <span className="tag">flapping</span>}
      </td>
      <td className="c-entity">
        <Link to="/n/$namespace/entities/$name" params={{ namespace, name: row.entity }} title={row.entity}>
          {row.entity}
        </Link>
      </td>
      <td className="c-check">
        <Link
          className="row-link"
          to="/n/$namespace/events/$entity/$check"
          params={{ namespace, entity: row.entity, check: row.check }}
          title={`${row.entity} › ${row.check}`}
        >
          {row.check}
        </Link>
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
}
