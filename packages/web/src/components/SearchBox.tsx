import { useCallback, useEffect, useRef, useState } from "react";
import { Icon } from "./Icon.tsx";
import { useKeys } from "./keys.ts";
import { receives, sends, type TypedText } from "./typed-text.ts";

const TYPING_MS = 300;

/** Search as you type, a moment after the last key; `/` comes here, Escape leaves. */
export function SearchBox(props: { value: string; onChange: (value: string) => void; label: string; hint: string }) {
  const input = useRef<HTMLInputElement>(null);
  const { onChange, value } = props;
  const [typed, setTyped] = useState<TypedText>({ text: value, seen: value, sent: [] });
  const received = receives(typed, value);
  if (received !== typed) setTyped(received);
  const { text, sent } = received;
  const wanted = text.trim();
  const current = sent.at(-1) ?? value;
  const send = useCallback(
    (asked: string): void => {
      setTyped((state) => sends(state, asked));
      onChange(asked);
    },
    [onChange],
  );
  useEffect(() => {
    if (wanted === current) return;
    const timer = setTimeout(() => send(wanted), TYPING_MS);
    return () => clearTimeout(timer);
  }, [wanted, current, send]);
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
        onChange={(event) => setTyped({ ...received, text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && wanted !== current) send(wanted);
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
