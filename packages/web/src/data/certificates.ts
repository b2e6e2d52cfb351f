import { useQuery } from "@tanstack/react-query";
import { type ApiError, getJson } from "./api.ts";
import type { CertificateRow, CertificatesAnswer } from "./wire.ts";

/** Every certificate that the user may see; asked again every `seconds`. */
export function useCertificates(seconds: number): {
  readonly rows: readonly CertificateRow[] | undefined;
  readonly leftOut: number;
  /** Certificates are announced so many seconds before their end. */
  readonly reminderSeconds: number;
  readonly error: ApiError | undefined;
} {
  const { data, error } = useQuery<CertificatesAnswer, ApiError>({
    queryKey: ["certificates"],
    refetchInterval: seconds * 1000,
    staleTime: seconds * 1000,
    queryFn: ({ signal }) => getJson<CertificatesAnswer>("/api/ui/v1/certificates", signal),
  });
  const { rows, left_out: leftOut = 0, reminder_seconds: reminderSeconds = 0 } = data ?? {};
  return { rows, leftOut, reminderSeconds, error: error ?? undefined };
}
