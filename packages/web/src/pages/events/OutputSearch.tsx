import { type RefObject, useEffect, useState } from "react";
import { findText } from "./find-text.ts";

/** Names of highlights, which the style sheet colours. */
const FOUND = "found";
const CURRENT = "found-current";

/** Search within an output (U-145): marks what it finds without touching the text. `version`: of the text shown. */
export function OutputSearch(props: {
  text: RefObject<HTMLPreElement | null>;
  wanted: string;
  version: string;
  onWanted: (wanted: string) => void;
}) {
  const { text, wanted, version } = props;
  const [ranges, setRanges] = useState<readonly Range[]>([]);
  const [at, setAt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is in the document, not in `version`
  useEffect(() => {
    setRanges(text.current ? findText(text.current, wanted) : []);
    setAt(0);
  }, [text, wanted, version]);
  useEffect(() => {
    const current = ranges[at];
    CSS.highlights?.set(FOUND, new Highlight(...ranges));
    if (current) {
      CSS.highlights?.set(CURRENT, new Highlight(current));
      show(current, text.current);
    }
    return () => {
      CSS.highlights?.delete(FOUND);
      CSS.highlights?.delete(CURRENT);
    };
  }, [ranges, at, text]);
  const step = (by: number): void => {
    if (ranges.length > 0) setAt((at + by + ranges.length) % ranges.length);
  };
  return (
    <search className="output-search">
      <label>
        <span className="visually-hidden">Search the output</span>
        <input
          type="search"
          value={wanted}
          placeholder="Search the output"
          spellCheck={false}
          autoCapitalize="none"
          onChange={(event) => props.onWanted(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          }}
        />
      </label>
      {wanted !== "" && (
        <span role="status" className="faint">
          {ranges.length === 0 ? "not found" : `${at + 1} of ${ranges.length}`}
        </span>
      )}
      {ranges.length > 1 && (
        <>
          <button type="button" className="link" onClick={() => step(-1)}>
            Previous
          </button>
          <button type="button" className="link" onClick={() => step(1)}>
            Next
          </button>
        </>
      )}
    </search>
  );
}

/** Scrolls the output alone: the page stays where it is. */
function show(range: Range, place: HTMLElement | null): void {
  if (!place) return;
  const found = range.getBoundingClientRect();
  const frame = place.getBoundingClientRect();
  if (found.top < frame.top || found.bottom > frame.bottom) place.scrollTop += found.top - frame.top - frame.height / 2;
  if (found.left < frame.left || found.right > frame.right)
    place.scrollLeft += found.left - frame.left - frame.width / 2;
}
