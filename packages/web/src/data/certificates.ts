import { useQuery } from "@tanstack/react-query";
import { type ApiError, getJson } from "./api.ts";
import type { CertificateRow, CertificatesAnswer } from "./wire.ts";

/** Every certificate that the user may see; asked again every `seconds`. */
export function useCertificates(seconds: number): {
  readonly rows: readonly CertificateRow[] | undefined;
  readonly leftOut: number;
  readonly error: ApiError | undefined;
} {
  const { data, error } = useQuery<CertificatesAnswer, ApiError>({
    queryKey: ["certificates"],
    refetchInterval: seconds * 1000,
    staleTime: seconds * 1000,
    queryFn: ({ signal }) => getJson<CertificatesAnswer>("/api/ui/v1/certificates", signal),
  });
  return { rows: data?.rows, leftOut: data?.left_out ?? 0, error: error ?? undefined };
}
