import { useState } from "react";
import { Ansi } from "../../components/Ansi.tsx";
import { toast } from "../../components/Toasts.tsx";

/** Folded above this many lines (U-145). */
const SHOWN_LINES = 200;

export function Output({ text }: { text: string }) {
  const [wrap, setWrap] = useState(true);
  const [all, setAll] = useState(false);
  if (text.trim() === "") return <p className="faint">The check wrote nothing.</p>;
  const lines = text.split("\n");
  const folded = !all && lines.length > SHOWN_LINES;
  return (
    <>
      <pre className={wrap ? "output" : "output no-wrap"}>
        <Ansi text={folded ? lines.slice(0, SHOWN_LINES).join("\n") : text} />
      </pre>
      <div className="output-tools">
        {folded && (
          <button type="button" className="link" onClick={() => setAll(true)}>
            Show all {lines.length} lines
          </button>
        )}
        <button type="button" className="link" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          {wrap ? "Do not wrap lines" : "Wrap lines"}
        </button>
        <button
          type="button"
          className="link"
          onClick={() => {
            navigator.clipboard?.writeText(text).then(
              () => toast("done", "Output copied"),
              () => toast("failed", "The browser did not allow copying"),
            );
          }}
        >
          Copy
        </button>
      </div>
    </>
  );
}
