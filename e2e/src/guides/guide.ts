/**
 * Reads a guide as its reader does and does what it says, in order: types `sh` blocks, writes `yaml FILE` blocks into
 * FILE (a key that is there already gets the new value), and finds the lines of a `text` block in what came last.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Machine, Shell } from "@sensu-ts/testing";

const folder = path.resolve(import.meta.dirname, "../../../docs/guides");

interface Block {
  /** Of the guide, for people: `mtls.md:12`. */
  readonly place: string;
  /** `sh`, `yaml` or `text`. */
  readonly kind: string;
  /** Where a `yaml` block belongs. */
  readonly file: string;
  readonly text: string;
}

function blocksOf(name: string): readonly Block[] {
  const guide = readFileSync(path.join(folder, name), "utf8");
  return [...guide.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: kind = "", 2: file = "", 3: text = "", index }) => ({
      place: `${name}:${guide.slice(0, index).split("\n").length}`,
      ...{ kind, file, text },
    }),
  );
}

/** The configuration with the block's top-level keys in the place of older ones. */
export function mergeYaml(present: string, block: string): string {
  const entries = (text: string): [string, string][] =>
    text
      .split(/^(?=[^\s#])/m)
      .filter((entry) => entry.trim() !== "")
      .map((entry) => [/^[^:]+/.exec(entry)?.[0] ?? "", entry]);
  return [...new Map([...entries(present), ...entries(block)]).values()].join("");
}

export async function followGuide(
  name: string,
  {
    machine,
    shell,
    before,
    after,
  }: {
    readonly machine: Machine;
    readonly shell: Shell;
    /** Called around each block, where a test wants to look between two of them. */
    readonly before?: (block: Block) => Promise<void>;
    readonly after?: (block: Block) => Promise<void>;
  },
): Promise<void> {
  let answer = "";
  for (const block of blocksOf(name)) {
    await before?.(block);
    if (block.kind === "sh") answer = await shell.done(block.text);
    else if (block.kind === "yaml" && block.file !== "") {
      const present = await machine.text(`cat '${block.file}' 2>/dev/null || true`);
      await machine.write(block.file, mergeYaml(present, block.text));
    } else if (block.kind === "text") {
      if (!answer.includes(block.text)) throw new Error(`${block.place} promises\n${block.text}but it is\n${answer}`);
    } else throw new Error(`${block.place}: nobody can follow a block of kind ${block.kind || "none"}`);
    await after?.(block);
  }
}
