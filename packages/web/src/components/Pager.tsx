import { Icon } from "./Icon.tsx";
import { useKeys } from "./keys.ts";
import { type ListAddress, PAGE_SIZES } from "./list-address.ts";

const NUMBER = new Intl.NumberFormat("en");

export function Pager({ address, shown, matches }: { address: ListAddress; shown: number; matches: number }) {
  const { offset, limit } = address;
  const back = offset > 0 ? () => address.set({ offset: Math.max(0, offset - limit) }) : undefined;
  const on = offset + shown < matches ? () => address.set({ offset: offset + limit }) : undefined;
  useKeys({ "[": () => back?.(), "]": () => on?.() });
  return (
    <div className="pager">
      <span>
        {matches === 0 ? "0" : `${NUMBER.format(offset + 1)}–${NUMBER.format(offset + shown)}`} of{" "}
        {NUMBER.format(matches)}
      </span>
      <button type="button" className="icon-button" aria-label="Previous page" disabled={!back} onClick={back}>
        <Icon name="back" />
      </button>
      <button type="button" className="icon-button" aria-label="Next page" disabled={!on} onClick={on}>
        <Icon name="next" />
      </button>
      <label>
        <span className="visually-hidden">Rows on a page</span>
        <select value={limit} onChange={(event) => address.set({ limit: event.target.value })}>
          {PAGE_SIZES.map((size) => (
            <option key={size} value={size}>
              {size} rows
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
