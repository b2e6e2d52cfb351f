const MOST = 1000;

/** Places of a text within an element, in order, whatever nodes it is spread over; case does not count. */
export function findText(place: Node, wanted: string): readonly Range[] {
  if (wanted === "") return [];
  const nodes: { readonly node: Node; readonly from: number }[] = [];
  let text = "";
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node, from: text.length });
    text += node.nodeValue ?? "";
  }
  const ranges: Range[] = [];
  for (const { 0: found, index } of text.matchAll(wordPattern(wanted))) {
    const end = index + found.length;
    const first = nodes.findLast(({ from }) => from <= index);
    const last = nodes.findLast(({ from }) => from < end);
    if (!first || !last) continue;
    const range = document.createRange();
    range.setStart(first.node, index - first.from);
    range.setEnd(last.node, end - last.from);
    if (ranges.push(range) === MOST) break;
  }
  return ranges;
}

export function wordPattern(wanted: string): RegExp {
  return new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
}
