/** Navigation, namespace, live mark and user around the pages of a namespace. */
import { Link, Outlet, useNavigate, useParams, useRouter, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ExpiryBanner } from "../components/ExpiryBanner.tsx";
import { HelpDialog } from "../components/HelpDialog.tsx";
import { Icon, type IconName } from "../components/Icon.tsx";
import { useKeys } from "../components/keys.ts";
import { useCertificates } from "../data/certificates.ts";
import { away } from "../data/connection.ts";
import { keepNamespace, lastNamespace } from "../data/last-namespace.ts";
import { liveState } from "../data/live.ts";
import { useNamespaces } from "../data/namespaces.ts";
import { session, userOf } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { NoNamespace } from "../pages/NoNamespace.tsx";
import { PasswordDialog } from "./PasswordDialog.tsx";
import { UserMenu } from "./UserMenu.tsx";

const PAGES = [
  { to: "/n/$namespace/events", name: "Events", icon: "events", key: "e" },
  { to: "/n/$namespace/entities", name: "Entities", icon: "entities", key: "n" },
  { to: "/n/$namespace/checks", name: "Checks", icon: "checks", key: "c" },
  { to: "/n/$namespace/silences", name: "Silences", icon: "silence", key: "s" },
] as const satisfies readonly { to: string; name: string; icon: IconName; key: string }[];

export function Shell() {
  const { namespace: named } = useParams({ strict: false });
  const namespace = named ?? lastNamespace();
  const navigate = useNavigate();
  const [help, setHelp] = useState(false);
  const [password, setPassword] = useState(false);
  const user = userOf(useSignal(session)).name;
  const reachable = useNamespaces(namespace);
  const missing = named !== undefined && reachable !== undefined && !reachable.includes(named);
  useEffect(() => {
    if (!missing) keepNamespace(namespace);
  }, [namespace, missing]);
  useTitle();
  useFocusOnNewPage();
  useKeys({
    "?": () => setHelp(true),
    ...Object.fromEntries(
      PAGES.map((page) => [`g ${page.key}`, () => void navigate({ to: page.to, params: { namespace } })]),
    ),
    "g t": () => void navigate({ to: "/certificates" }),
  });
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="topbar">
        <Link to="/" className="brand" aria-label="Sensu, start page">
          <Icon name="pulse" />
          <span>Sensu</span>
        </Link>
        <NamespaceSelect namespace={namespace} reachable={reachable ?? []} />
        <span className="grow" />
        {!missing && <LiveMark />}
        <UserMenu onHelp={() => setHelp(true)} onPassword={() => setPassword(true)} />
      </header>
      <nav className="sidebar" aria-label="Pages">
        {PAGES.map((page) => (
          <Link key={page.to} to={page.to} params={{ namespace }} activeProps={{ "aria-current": "page" }}>
            <Icon name={page.icon} />
            <span>{page.name}</span>
          </Link>
        ))}
        <CertificatesLink />
      </nav>
      <main id="main" tabIndex={-1}>
        <ExpiryBanner />
        {missing ? <NoNamespace namespace={namespace} reachable={reachable} /> : <Outlet />}
      </main>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      {password && <PasswordDialog user={user} onClose={() => setPassword(false)} />}
    </div>
  );
}

/** Only for those who may see one: the others learn nothing of it (U-329). */
function CertificatesLink() {
  const { rows } = useCertificates(300);
  if (!rows || rows.length === 0) return null;
  return (
    <Link to="/certificates" activeProps={{ "aria-current": "page" }}>
      <Icon name="certificate" />
      <span>Certificates</span>
    </Link>
  );
}

function useTitle(): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const parts = path.split("/").map(decodeURIComponent).slice(1);
    const [namespace = "", ...rest] = parts[0] === "n" ? parts.slice(1) : parts;
    document.title = [...rest.reverse(), namespace, "Sensu"].filter((part) => part !== "").join(" · ");
  }, [path]);
}

/** What was pressed is often gone on the next page: the keyboard and screen readers go on at its content. */
function useFocusOnNewPage(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onRendered", ({ pathChanged }) => {
        if (!pathChanged || document.activeElement !== document.body) return;
        document.getElementById("main")?.focus({ preventScroll: true });
      }),
    [router],
  );
}

function NamespaceSelect({ namespace, reachable }: { namespace: string; reachable: readonly string[] }) {
  const navigate = useNavigate();
  const names = [...new Set([...reachable, namespace])].sort();
  return (
    <label className="namespace">
      <span className="visually-hidden">Namespace</span>
      <select
        value={namespace}
        onChange={(change) => void navigate({ to: "/n/$namespace/events", params: { namespace: change.target.value } })}
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

const LIVE = {
  live: { text: "Live", title: "Changes appear by themselves" },
  polling: { text: "Every 10 s", title: "No live connection: this page asks again every 10 seconds" },
  waiting: { text: "Connecting", title: "Waiting for the live connection" },
} as const;

function LiveMark() {
  const state = useSignal(liveState);
  const gone = useSignal(away) !== undefined;
  const path = useRouterState({ select: (router) => router.location.pathname });
  if (!/\/(events|entities)(\/|$)/.test(path) || /\/entities\/./.test(path)) return null;
  const { text, title } = gone ? { text: "Offline", title: "The backend does not answer" } : LIVE[state];
  return (
    <span className={`live-mark ${gone ? "offline" : state}`} title={title}>
      <i aria-hidden="true" />
      {text}
    </span>
  );
}
