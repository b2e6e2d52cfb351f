import { useQuery } from "@tanstack/react-query";
import { ApiError, getJson } from "./api.ts";

/** One that has just been made may be missing until it is asked for again. */
const AGAIN_MS = 5000;

/** Names of those that the user may reach; undefined until known. `shown` is the one of the page. */
export function useNamespaces(shown: string): readonly string[] | undefined {
  const { data } = useQuery({
    queryKey: ["namespaces"],
    staleTime: 30_000,
    queryFn: ({ signal }) => listNamespaces(signal),
    refetchInterval: ({ state }) => (state.data && !state.data.some(({ name }) => name === shown) ? AGAIN_MS : false),
  });
  return data?.map(({ name }) => name);
}

/** Whoever may see none at all is refused. */
export async function listNamespaces(signal?: AbortSignal): Promise<readonly { readonly name: string }[]> {
  try {
    return await getJson<readonly { readonly name: string }[]>("/api/core/v2/namespaces", signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return [];
    throw error;
  }
}
