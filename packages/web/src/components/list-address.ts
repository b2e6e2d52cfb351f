/** What a list shows, kept in its address (U-355). */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export const PAGE_SIZES = [25, 50, 100, 200];

export interface ListAddress {
  readonly q: string;
  readonly order: string;
  readonly limit: number;
  readonly offset: number;
  /** Changes the address; another search or order starts at the first page (U-57). */
  set(change: Partial<Record<"q" | "order" | "limit" | "offset", string | number>>): void;
}

export function useListAddress(initialQ: string, initialOrder: string): ListAddress {
  // The page's own: the address may already be the next page's while this one is still shown.
  const search = useSearch({ strict: false }) as Record<string, string>;
  const navigate = useNavigate();
  const limit = Number(search["limit"]);
  const offset = Number(search["offset"]);
  const set = useCallback<ListAddress["set"]>(
    (change) => {
      const next = { ...search, offset: undefined, ...change };
      void navigate({ to: ".", search: { ...next, offset: next.offset || undefined } as never });
    },
    [navigate, search],
  );
  return {
    q: search["q"] ?? initialQ,
    order: (search["order"] ?? initialOrder).toLowerCase(),
    limit: PAGE_SIZES.includes(limit) ? limit : 50,
    offset: Number.isInteger(offset) && offset > 0 ? offset : 0,
    set,
  };
}

export function listQuery(namespace: string, address: ListAddress): URLSearchParams {
  return new URLSearchParams({
    namespace,
    q: address.q,
    order: address.order,
    limit: String(address.limit),
    offset: String(address.offset),
  });
}
