import { useEffect, useRef, useState } from "react";
import { Icon } from "./Icon.tsx";
import { useKeys } from "./keys.ts";

const TYPING_MS = 300;

/** Search as you type, a moment after the last key; `/` comes here, Escape leaves. */
export function SearchBox(props: { value: string; onChange: (value: string) => void; label: string; hint: string }) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(props.value);
  const [sent, setSent] = useState(props.value);
  if (props.value !== sent) {
    // Changed from outside: a chip, a link, the back button.
    setSent(props.value);
    if (props.value !== text.trim()) setText(props.value);
  }
  const { onChange, value } = props;
  useEffect(() => {
    const trimmed = text.trim();
    if (trimmed === value) return;
    const timer = setTimeout(() => onChange(trimmed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  useKeys({ "/": () => input.current?.select() });
  return (
    <label className="search">
      <span className="visually-hidden">{props.label}</span>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={props.hint}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(text.trim());
          if (event.key === "Escape") {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
      />
      <span className="key">/</span>
    </label>
  );
}
