import type { ReactNode } from "react";
import type { ApiError } from "../data/api.ts";
import { Loading, Refused } from "./Empty.tsx";

interface Props<T> {
  readonly title: string;
  /** On the title's line. */
  readonly beside?: ReactNode;
  readonly toolbar?: ReactNode;
  /** Undefined while nothing has come. */
  readonly data: T | undefined;
  readonly error: ApiError | null | undefined;
  readonly children: (data: T) => ReactNode;
}

/** The frame of every list: title, toolbar, and then rows, the wait for them, or why there are none. */
export function ListPage<T>({ title, beside, toolbar, data, error, children }: Props<T>) {
  return (
    <section className="list-page">
      <div className="page-head">
        <h1>{title}</h1>
        {beside}
      </div>
      {toolbar && <div className="toolbar">{toolbar}</div>}
      {error && <Refused error={error} />}
      {!error && data === undefined && <Loading />}
      {data !== undefined && children(data)}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
}

/** One of several, in the toolbar. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label className="order">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
