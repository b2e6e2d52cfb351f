import type { ReactNode } from "react";

/** Code, bold, emphasis and links; markup stays text, and only http, https and mail become links (U-17, U-234). */
const SPANS = /`([^`]+)`|\*\*([^*]+)\*\*|[*_]([^*_]+)[*_]|\[([^\]]+)\]\(((?:https?:\/\/|mailto:)[^\s)]+)\)/g;

/** A little Markdown, paragraph by paragraph. */
export function Markdown({ text, before }: { text: string; before?: string }) {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return paragraphs.map((paragraph, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs have no identity but their place
    <p key={index} className="faint">
      {index === 0 && before}
      {spansOf(paragraph)}
    </p>
  ));
}

function spansOf(text: string): readonly ReactNode[] {
  const nodes: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(SPANS)) {
    nodes.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const [, code, bold, emphasis, label, href] = match;
    const key = match.index;
    if (code) nodes.push(<code key={key}>{code}</code>);
    else if (bold) nodes.push(<b key={key}>{bold}</b>);
    else if (emphasis) nodes.push(<em key={key}>{emphasis}</em>);
    else {
      nodes.push(
        <a key={key} href={href} target="_blank" rel="noopener noreferrer">
          {label}
        </a>,
      );
    }
  }
  nodes.push(text.slice(from));
  return nodes;
}
