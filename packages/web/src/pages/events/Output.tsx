import { useState } from "react";
import { Ansi } from "../../components/Ansi.tsx";
import { toast } from "../../components/Toasts.tsx";

/** Folded above this many lines (U-145), or characters: a megabyte of colours takes a browser seconds. */
const SHOWN_LINES = 200;
const SHOWN_CHARS = 50_000;

export function Output({ text, nothing }: { text: string; nothing: string }) {
  const [wrap, setWrap] = useState(true);
  const [all, setAll] = useState(false);
  if (text.trim() === "") return <p className="faint">{nothing}</p>;
  const lines = text.split("\n");
  const short = lines.slice(0, SHOWN_LINES).join("\n").slice(0, SHOWN_CHARS);
  const folded = !all && short.length < text.length;
  return (
    <>
      <pre className={wrap ? "output" : "output no-wrap"}>
        <Ansi text={folded ? short : text} />
      </pre>
      <div className="output-tools">
        {folded && (
          <button type="button" className="link" onClick={() => setAll(true)}>
            Show all {lines.length > SHOWN_LINES ? `${lines.length} lines` : `${Math.ceil(text.length / 1000)} KB`}
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
