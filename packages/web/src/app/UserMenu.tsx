import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Icon } from "../components/Icon.tsx";
import { session, signOut, userOf } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";

const ESCAPE = "Escape";

/** Closes by Escape, by a click elsewhere, and once something was chosen. */
export function UserMenu({ onHelp, onPassword }: { onHelp: () => void; onPassword: () => void }) {
  const user = userOf(useSignal(session));
  const navigate = useNavigate();
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => menu.current?.removeAttribute("open");
  const choose = (open: () => void): void => {
    close();
    menu.current?.querySelector("summary")?.focus();
    open();
  };
  useEffect(() => {
    const onPress = (event: Event): void => {
      if (!menu.current?.contains(event.target as Node)) menu.current?.removeAttribute("open");
    };
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("focusin", onPress);
    return () => {
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("focusin", onPress);
    };
  }, []);
  return (
    <details
      ref={menu}
      className="menu user"
      onKeyDown={(event) => {
        if (event.key !== ESCAPE || !menu.current?.open) return;
        event.preventDefault();
        close();
        menu.current.querySelector("summary")?.focus();
      }}
    >
      <summary aria-label={`User ${user.name}`}>
        <Icon name="user" />
        <span className="user-name">{user.name}</span>
      </summary>
      <div className="menu-list">
        <p className="faint">
          {user.groups.length > 0 ? `Groups: ${user.groups.slice(0, 5).join(", ")}` : "No groups"}
          {user.groups.length > 5 && ` and ${user.groups.length - 5} others`}
        </p>
        <button type="button" onClick={() => choose(onHelp)}>
          Keyboard shortcuts
        </button>
        {user.local && (
          <button type="button" onClick={() => choose(onPassword)}>
            Change password
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            signOut().catch(() => undefined);
            void navigate({ to: "/signin" });
          }}
        >
          Sign out
        </button>
      </div>
    </details>
  );
}
