import { useRef, useState } from "react";
import { Ansi } from "../../components/Ansi.tsx";
import { toast } from "../../components/Toasts.tsx";
import { plainText } from "../../data/ansi.ts";
import { wordPattern } from "./find-text.ts";
import { OutputSearch } from "./OutputSearch.tsx";

/** Folded above this many lines (U-145), or characters: a megabyte of colours takes a browser seconds. */
const SHOWN_LINES = 200;
const SHOWN_CHARS = 50_000;
/** Shorter ones are read at a glance. */
const SEARCHED_LINES = 5;
const NUMBER = new Intl.NumberFormat("en");

interface Props {
  readonly text: string;
  readonly nothing: string;
  /** Of the file that it can be saved as. */
  readonly name: string;
  /** Bytes that were not kept, for want of room in `max_output_size`. */
  readonly cutBytes?: number;
}

export function Output({ text, nothing, name, cutBytes = 0 }: Props) {
  const [wrap, setWrap] = useState(true);
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState("");
  const place = useRef<HTMLPreElement>(null);
  if (text.trim() === "") return <p className="faint">{nothing}</p>;
  const lines = text.split("\n");
  const short = lines.slice(0, SHOWN_LINES).join("\n").slice(0, SHOWN_CHARS);
  const folded = !all && short.length < text.length;
  const shown = folded ? short : text;
  const search = (asked: string): void => {
    setWanted(asked);
    if (folded && asked !== "" && wordPattern(asked).test(plainText(text.slice(short.length)))) setAll(true);
  };
  return (
    <>
      {lines.length > SEARCHED_LINES && <OutputSearch text={place} wanted={wanted} version={shown} onWanted={search} />}
      <pre ref={place} className={wrap ? "output" : "output no-wrap"}>
        <Ansi text={shown} />
      </pre>
      {cutBytes > 0 && (
        <p className="faint cut">
          {`The check wrote ${NUMBER.format(cutBytes)} bytes more: its max_output_size lets no more be kept. Handlers got all of it.`}
        </p>
      )}
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
            copy(text).then(
              () => toast("done", "Output copied"),
              () => toast("failed", "The browser did not allow copying"),
            );
          }}
        >
          Copy
        </button>
        <button type="button" className="link" onClick={() => save(text, name)}>
          Download
        </button>
      </div>
    </>
  );
}

/** Browsers give pages of plain HTTP, other than this machine's, no clipboard. */
async function copy(text: string): Promise<void> {
  if (!navigator.clipboard) throw new Error("no clipboard");
  await navigator.clipboard.writeText(text);
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\w.-]+/g, "_")}.txt`;
  link.click();
  URL.revokeObjectURL(url);
}
