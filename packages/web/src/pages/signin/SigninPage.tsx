import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { safeRedirect } from "../../app/redirect-to.ts";
import { Icon } from "../../components/Icon.tsx";
import { Markdown } from "../../components/Markdown.tsx";
import { inBase } from "../../data/base.ts";
import { session, signInWithTicket } from "../../data/session.ts";
import type { SigninInfo } from "../../data/wire.ts";
import { SigninForm } from "./SigninForm.tsx";

/** Taken from the address once, before anything else can read or keep it. */
let ticket = takeTicket();

function takeTicket(): string | undefined {
  const found = location.pathname === inBase("/signin") ? /^#ticket=([\w-]+)$/.exec(location.hash)?.[1] : undefined;
  if (found !== undefined) history.replaceState(null, "", location.pathname + location.search);
  return found;
}

export function SigninPage() {
  const router = useRouter();
  const search = useLocation({ select: (at) => at.search as Record<string, string> });
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(ticket !== undefined);
  const { data } = useQuery({
    queryKey: ["signin"],
    queryFn: async () => (await (await fetch(inBase("/api/ui/v1/signin"))).json()) as SigninInfo,
  });

  const enter = (): void => {
    const target = safeRedirect(search["redirect-to"], location.origin) ?? "/";
    router.history.push(inBase(target));
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    document.title = "Sign in · Sensu";
    const given = ticket;
    ticket = undefined;
    if (given === undefined) {
      if (session.value && !busy) enter();
      return;
    }
    signInWithTicket(given).then(enter, (failed: Error) => {
      setError(failed instanceof TypeError ? "The backend did not answer" : failed.message);
      setBusy(false);
    });
  }, []);

  return (
    <main className="signin">
      <div className="signin-card">
        <h1>
          <Icon name="pulse" /> Sensu
        </h1>
        <Markdown before="Sign in " text={data?.message ?? ""} />
        {error !== "" && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        {busy ? <p role="status">Signing in …</p> : <SigninForm onDone={enter} />}
        <p className="faint version">{data ? `Version ${data.version}` : " "}</p>
      </div>
    </main>
  );
}
