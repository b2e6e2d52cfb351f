/** Cuts a server-sent-events text into the data of whole events; what is not yet whole comes back as `rest`. */
export function splitEvents(text: string): { readonly events: readonly string[]; readonly rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events: string[] = [];
  for (const block of blocks) {
    const data = block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trimStart());
    if (data.length > 0) events.push(data.join("\n"));
  }
  return { events, rest };
}
