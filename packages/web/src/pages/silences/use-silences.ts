import { useQuery } from "@tanstack/react-query";
import { corePath, getJson } from "../../data/api.ts";
import type { Silenced } from "../../data/objects.ts";

/** Undefined while unknown or without the permission to list them: then nothing is claimed (U-273). */
export function useSilences(namespace: string): readonly Silenced[] | undefined {
  const { data } = useQuery({
    queryKey: ["silenced", namespace],
    queryFn: ({ signal }) => getJson<readonly Silenced[]>(corePath(namespace, "silenced"), signal),
    refetchInterval: 30_000,
  });
  return data;
}
