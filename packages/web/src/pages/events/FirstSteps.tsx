import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ApiError, corePath, getJson } from "../../data/api.ts";
import type { CheckConfig } from "../../data/objects.ts";

/** Checks of the quick start carry this label; the annotation says what to try. */
const SELECTOR = 'first_steps == "true"';
const ANNOTATION = "sensu-ts/try";

/** What a newcomer can do to see an alert travel; nothing where no check invites to it. */
export function FirstSteps({ namespace }: { namespace: string }) {
  const { data } = useQuery<readonly CheckConfig[], ApiError>({
    queryKey: ["first-steps", namespace],
    queryFn: ({ signal }) =>
      getJson<readonly CheckConfig[]>(
        `${corePath(namespace, "checks")}?labelSelector=${encodeURIComponent(SELECTOR)}&limit=3`,
        signal,
      ),
  });
  const checks = (data ?? []).filter((check) => check.metadata.annotations?.[ANNOTATION]);
  if (checks.length === 0) return null;
  return (
    <aside className="first-steps" aria-label="First steps">
      {checks.map((check) => (
        <p key={check.metadata.name}>
          <Steps text={check.metadata.annotations?.[ANNOTATION] ?? ""} />{" "}
          <Link
            to="/n/$namespace/events"
            params={{ namespace }}
            search={{ q: `check:${check.metadata.name}` } as never}
          >
            Watch {check.metadata.name}
          </Link>
        </p>
      ))}
    </aside>
  );
}

/** What stands between backquotes is to be typed. */
function Steps({ text }: { text: string }) {
  return text.split("`").map((part, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
    return index % 2 === 1 ? <code key={index}>{part}</code> : part;
  });
}
