import type { ReactNode } from "react";

export type Fact = readonly [name: string, value: ReactNode];

/** Name and value pairs; empty values are left out. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const shown = facts.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return (
    <dl className="facts">
      {shown.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names of network adapters may repeat
        <div key={`${name}-${index}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Labels and annotations as chips, sorted by key; values are text, whatever they look like (U-232). */
export function Pairs({ pairs }: { pairs: Readonly<Record<string, string>> | null | undefined }) {
  const entries = Object.entries(pairs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <span className="faint">none</span>;
  return (
    <ul className="pairs">
      {entries.map(([key, value]) => (
        <li key={key}>
          <b>{key}</b> <Value text={value} />
        </li>
      ))}
    </ul>
  );
}

/** Only http and https become links (U-234). */
function Value({ text }: { text: string }) {
  if (text === "") return <span className="faint">empty</span>;
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return text;
  return (
    <a href={text} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}
