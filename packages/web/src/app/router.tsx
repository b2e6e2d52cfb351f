/** Every address of the page (U-46 to U-58). */
import { createRootRoute, createRoute, createRouter, Navigate, redirect, useLocation } from "@tanstack/react-router";
import { BASE } from "../data/base.ts";
import { lastNamespace } from "../data/last-namespace.ts";
import { listNamespaces } from "../data/namespaces.ts";
import { session } from "../data/session.ts";
import { CertificatesPage } from "../pages/certificates/CertificatesPage.tsx";
import { CheckFormPage } from "../pages/checks/CheckFormPage.tsx";
import { ChecksPage } from "../pages/checks/ChecksPage.tsx";
import { EntitiesPage } from "../pages/entities/EntitiesPage.tsx";
import { EntityPage } from "../pages/entities/EntityPage.tsx";
import { EventPage } from "../pages/events/EventPage.tsx";
import { EventsPage } from "../pages/events/EventsPage.tsx";
import { NotFound } from "../pages/NotFound.tsx";
import { PageError } from "../pages/PageError.tsx";
import { SigninPage } from "../pages/signin/SigninPage.tsx";
import { SilencesPage } from "../pages/silences/SilencesPage.tsx";
import { Frame } from "./Frame.tsx";
import { Shell } from "./Shell.tsx";
import { readSearch, writeSearch } from "./search-params.ts";

const root = createRootRoute({ component: Frame, notFoundComponent: OldLink, errorComponent: PageError });

/** Where the user was last, while it is still theirs to see; else the first they may see (U-18). */
async function startNamespace(): Promise<string> {
  const last = lastNamespace();
  const found = await listNamespaces().catch(() => []);
  return found.some(({ name }) => name === last) ? last : (found[0]?.name ?? last);
}

function requireSession({ location }: { location: { href: string } }): void {
  if (session.value) return;
  throw redirect({ to: "/signin", search: { "redirect-to": location.href } });
}

const signin = createRoute({ getParentRoute: () => root, path: "/signin", component: SigninPage });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async (context) => {
    requireSession(context);
    throw redirect({ to: "/n/$namespace/events", params: { namespace: await startNamespace() } });
  },
});

const namespace = createRoute({
  getParentRoute: () => root,
  path: "/n/$namespace",
  beforeLoad: requireSession,
  component: Shell,
});

const inNamespace = <P extends string>(path: P, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => namespace, path, component });

/** Pages of the whole installation, within the same frame. */
const everywhere = createRoute({
  getParentRoute: () => root,
  id: "everywhere",
  beforeLoad: requireSession,
  component: Shell,
});

const certificates = createRoute({
  getParentRoute: () => everywhere,
  path: "/certificates",
  component: CertificatesPage,
});

const start = createRoute({
  getParentRoute: () => namespace,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/n/$namespace/events", params });
  },
});

const tree = root.addChildren([
  signin,
  home,
  everywhere.addChildren([certificates]),
  namespace.addChildren([
    start,
    inNamespace("events", EventsPage),
    inNamespace("events/$entity/$check", EventPage),
    inNamespace("entities", EntitiesPage),
    inNamespace("entities/$name", EntityPage),
    inNamespace("checks", ChecksPage),
    inNamespace("checks/new", CheckFormPage),
    inNamespace("silences", SilencesPage),
  ]),
]);

/** `/NS/events…` of older releases (U-48); anything else is not there. */
function OldLink() {
  const { pathname, searchStr } = useLocation();
  const match = /^\/(?!n\/|c\/)([^/]+)(?:\/(events|entities|checks|silences)(\/.*)?)?$/.exec(pathname);
  if (!match?.[1] || (!match[2] && !session.value)) {
    return (
      <main>
        <NotFound what={pathname} />
      </main>
    );
  }
  // The address is made of parts that were routes once; the router checks it when it gets there.
  return <Navigate to={`/n/${match[1]}/${match[2] ?? "events"}${match[3] ?? ""}${searchStr}` as never} replace />;
}

export const router = createRouter({
  routeTree: tree,
  basepath: BASE,
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: false,
  defaultErrorComponent: PageError,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
