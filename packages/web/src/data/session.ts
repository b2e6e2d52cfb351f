/**
 * Who is signed in. Tokens live in `localStorage`, so that tabs share one session and refresh tokens, which work
 * once, are used by one tab at a time (U-19 to U-21).
 */
import { inBase, keyInBase } from "./base.ts";
import { patientFetch } from "./patience.ts";
import { refreshTime } from "./refresh-time.ts";
import { Signal } from "./signal.ts";
import type { Tokens } from "./wire.ts";

const KEY = keyInBase("sensu.session");

export interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
  /** When to renew the access token, unix seconds of this computer's clock. */
  readonly refresh_at: number;
}

function read(): Session | undefined {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<Session> | null;
    if (typeof value?.access_token !== "string" || typeof value.refresh_token !== "string") return undefined;
    return { access_token: value.access_token, refresh_token: value.refresh_token, refresh_at: value.refresh_at ?? 0 };
  } catch {
    return undefined;
  }
}

export const session = new Signal<Session | undefined>(read());
/** The session ended by itself: the page stays and asks to sign in again (U-23). */
export const sessionExpired = new Signal(false);

window.addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  sessionExpired.set(false);
  session.set(read());
});

function keep(renewed: Session): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(renewed));
  } catch {
    // Storage blocked or full: this tab alone stays signed in.
  }
  sessionExpired.set(false);
  session.set(renewed);
}

async function keepTokens(response: Response): Promise<Session> {
  const tokens = (await response.json()) as Tokens;
  const now = Date.now() / 1000;
  const renewed: Session = {
    access_token: tokens.access_token,
    refresh_token: tokens.refresh_token,
    refresh_at: refreshTime(tokens.expires_at, response.headers.get("date"), now),
  };
  keep(renewed);
  return renewed;
}

export function dropSession(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
  sessionExpired.set(false);
  session.set(undefined);
}

interface Claims {
  readonly sub?: string;
  readonly groups?: readonly string[] | null;
  readonly provider?: { readonly provider_id?: string };
}

export interface SignedIn {
  readonly name: string;
  readonly groups: readonly string[];
  /** The password is kept by this backend. */
  readonly local: boolean;
}

/** What the token says of the user, without a call (U-24). */
export function userOf(tokens: Session | undefined): SignedIn {
  try {
    const payload = tokens?.access_token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Claims;
    const { sub = "", groups, provider } = claims;
    return { name: sub, groups: groups ?? [], local: provider?.provider_id === "basic" };
  } catch {
    return { name: "", groups: [], local: false };
  }
}

function locked<T>(work: () => Promise<T>): Promise<T> {
  // Web Locks exist on https and localhost only.
  return navigator.locks ? navigator.locks.request("sensu.refresh", work) : work();
}

let refreshing: Promise<Session | undefined> | undefined;

/** A token good for a request, refreshed when it is nearly over or `force` is set. Undefined: signed out. */
export async function accessToken(force = false): Promise<string | undefined> {
  const tokens = session.value;
  // Until someone signs in again, asking is no use.
  if (!tokens || sessionExpired.value) return undefined;
  if (!force && Date.now() / 1000 < tokens.refresh_at) return tokens.access_token;
  refreshing ??= locked(() => refresh(tokens)).finally(() => {
    refreshing = undefined;
  });
  return (await refreshing)?.access_token;
}

async function refresh(old: Session): Promise<Session | undefined> {
  const stored = read();
  // Another tab was faster.
  if (stored && stored.access_token !== old.access_token) {
    keep(stored);
    return stored;
  }
  const response = await patientFetch(inBase("/auth/token"), {
    method: "POST",
    headers: { Authorization: `Bearer ${old.access_token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: old.refresh_token }),
  });
  if (response.status >= 500 || response.status === 429) throw new TypeError("backend away");
  if (!response.ok) {
    sessionExpired.set(true);
    return undefined;
  }
  return keepTokens(response);
}

/** Throws an Error with a text for the form when the credentials are wrong. */
export async function signIn(username: string, password: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  const basic = btoa(String.fromCharCode(...bytes));
  const response = await patientFetch(inBase("/auth"), { headers: { Authorization: `Basic ${basic}` } });
  if (response.status === 401) throw new Error("Bad user or password");
  if (!response.ok) throw new Error(`The backend answered ${response.status}`);
  await keepTokens(response);
}

export async function signInWithTicket(ticket: string): Promise<void> {
  const response = await patientFetch(inBase("/api/ui/v1/signin"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket }),
  });
  if (!response.ok) {
    const body = (await response.json().catch(() => ({}))) as { message?: string };
    throw new Error(body.message ?? `The backend answered ${response.status}`);
  }
  await keepTokens(response);
}

export async function signOut(): Promise<void> {
  const tokens = session.value;
  dropSession();
  if (!tokens) return;
  await fetch(inBase("/auth/logout"), {
    method: "POST",
    headers: { Authorization: `Bearer ${tokens.access_token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: tokens.refresh_token }),
  }).catch(() => undefined);
}
