import { Status, statusName } from "../../components/Status.tsx";
import { Time } from "../../components/Time.tsx";
import { absolute } from "../../data/time.ts";

export interface Result {
  readonly status: number;
  readonly executed: number;
}

/** The last results, oldest first, as a band and as a table for those who read it otherwise (U-291). */
export function History({ results }: { results: readonly Result[] }) {
  if (results.length === 0) return <p className="faint">No results yet.</p>;
  const changes = results.filter((result, index) => index === 0 || result.status !== results[index - 1]?.status);
  const first = results[0];
  return (
    <>
      <ol className="band" aria-label={`Last ${results.length} results, oldest first`}>
        {results.map((result, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: two results may be of the same second
            key={`${result.executed}-${index}`}
            className={statusName(result.status)}
            title={`${statusName(result.status)} (${result.status}), ${absolute(result.executed)}`}
          >
            <span className="visually-hidden">{statusName(result.status)}</span>
          </li>
        ))}
      </ol>
      <div className="band-ends faint">
        <span>{first && <Time at={first.executed} />}</span>
        <span>now</span>
      </div>
      <details>
        <summary>Changes of status</summary>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {changes.toReversed().map((result, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <tr key={`${result.executed}-${index}`}>
                <td>
                  <Status status={result.status} />
                </td>
                <td>{absolute(result.executed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
