/** What the caller may do in a namespace, asked once a minute (U-107, U-269). */
import { useQuery } from "@tanstack/react-query";
import { sendJson } from "./api.ts";
import type { Review, ReviewAnswer } from "./wire.ts";

const ASKED: readonly Pick<Review, "verb" | "resource">[] = [
  { verb: "update", resource: "events" },
  { verb: "delete", resource: "events" },
  { verb: "create", resource: "checks" },
  { verb: "create", resource: "silenced" },
  { verb: "delete", resource: "silenced" },
];

/** Gives why an action is not allowed, or undefined when it is. Until the answer is there everything is allowed. */
export function useMissing(namespace: string): (verb: Review["verb"], resource: string) => string | undefined {
  const { data } = useQuery({
    queryKey: ["permissions", namespace],
    staleTime: 60_000,
    queryFn: async () => {
      const reviews = ASKED.map((asked) => ({ ...asked, namespace }));
      const answer = (await (await sendJson("POST", "/api/ui/v1/access-review", { reviews })).json()) as ReviewAnswer[];
      return new Set(
        ASKED.filter((_, index) => !answer[index]?.allowed).map((asked) => `${asked.verb} ${asked.resource}`),
      );
    },
  });
  return (verb, resource) =>
    data?.has(`${verb} ${resource}`) ? `You are missing the permission to ${verb} ${resource}` : undefined;
}
