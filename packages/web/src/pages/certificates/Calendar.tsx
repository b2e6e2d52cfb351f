import { monthsOf } from "../../data/expiry.ts";
import type { CertificateRow } from "../../data/wire.ts";

const MONTH = new Intl.DateTimeFormat(undefined, { month: "short", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" });

/** The next twelve months; days on which several certificates end stand out (U-327). */
export function Calendar(props: {
  rows: readonly CertificateRow[];
  now: number;
  month: string | undefined;
  onMonth: (month: string) => void;
}) {
  return (
    <ol className="calendar" aria-label="Ends in the next twelve months">
      {monthsOf(props.rows, props.now).map(({ key, count, days }) => {
        const date = new Date(`${key}-01`);
        const title = `${LONG.format(date)}: ${count === 1 ? "1 certificate ends" : `${count} certificates end`}`;
        return (
          <li key={key}>
            <button
              type="button"
              aria-label={title}
              aria-pressed={props.month === key}
              title={[title, ...days.map((on) => `${on.day}: ${on.count}`)].join("\n")}
              disabled={count === 0 && props.month !== key}
              onClick={() => props.onMonth(key)}
            >
              <span className="calendar-days" aria-hidden="true">
                {days.map((on) => (
                  <i key={on.day} className={on.count > 1 ? "many" : ""} style={{ left: `${at(on.day)}%` }}>
                    {on.count > 1 ? on.count : ""}
                  </i>
                ))}
              </span>
              <span aria-hidden="true">{MONTH.format(date)}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** Place of a day within its month, in percent. */
function at(day: string): number {
  return Math.round((Number(day.slice(8)) / 31) * 100);
}
