import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./app/router.tsx";
import { denials } from "./data/api.ts";
import { BASE } from "./data/base.ts";
import { returns } from "./data/connection.ts";
import { session, userOf } from "./data/session.ts";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/pages.css";
import "./style/certificates.css";

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 5000 } },
});
returns.subscribe(() => {
  client.invalidateQueries().catch(() => undefined);
});
denials.subscribe(() => {
  client.invalidateQueries({ queryKey: ["permissions"] }).catch(() => undefined);
});
// Nothing of one user stays for the next (U-27), also when the next signs in from another tab (U-390).
let user = userOf(session.value).name;
session.subscribe(() => {
  const before = user;
  user = userOf(session.value).name;
  if (session.value) {
    if (before !== "" && before !== user) location.reload();
    return;
  }
  client.clear();
  router.invalidate().catch(() => undefined);
});

// The same page is served to who asks without the base path, as proxies do that cut it off.
if (!`${location.pathname}/`.startsWith(BASE)) location.replace(BASE);

const place = document.getElementById("page");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
