import { statusName } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { boundsOf, type Point, pointSeconds } from "../../data/metrics.ts";
import type { CheckResult, Event } from "../../data/objects.ts";

const SHOWN = 100;

/** The points of the result, while they are known: what is stored of an event has none. */
export function Metrics({ event, result, changes }: { event: Event; result: CheckResult; changes: number }) {
  const points = event.metrics?.points ?? [];
  // A result that came without any: its agent reads none from this output.
  if (points.length === 0 && (changes > 0 || !result.output_metric_format)) return null;
  return (
    <section className="card">
      <h2>Metrics</h2>
      {points.length === 0 ? (
        <p className="faint">
          Points are not kept with the event: those of the next result appear here while this page is open.
        </p>
      ) : (
        <div className="scroll">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Value</th>
                <th scope="col">Tags</th>
                <th scope="col">Thresholds</th>
                <th scope="col">Time</th>
              </tr>
            </thead>
            <tbody>
              {points.slice(0, SHOWN).map((point, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a name may come with the same tags twice
                <Row key={index} point={point} result={result} />
              ))}
            </tbody>
          </table>
          {points.length > SHOWN && <p className="faint">And {points.length - SHOWN} more.</p>}
        </div>
      )}
    </section>
  );
}

function Row({ point, result }: { point: Point; result: CheckResult }) {
  const bounds = boundsOf(point, result.output_metric_thresholds ?? []);
  return (
    <tr>
      <td>{point.name}</td>
      <td>{point.value}</td>
      <td>{(point.tags ?? []).map(({ name, value }) => `${name}=${value}`).join(", ")}</td>
      <td>
        {bounds.map(({ text, status, broken }, index) => (
          <span key={`${text} ${status}`} className={broken ? `bound ${statusName(status)}` : "bound"}>
            {index > 0 && ", "}
            {text} ({statusName(status)}
            {broken && ", exceeded"})
          </span>
        ))}
      </td>
      <td>
        <Time at={Math.floor(pointSeconds(point.timestamp))} />
      </td>
    </tr>
  );
}
