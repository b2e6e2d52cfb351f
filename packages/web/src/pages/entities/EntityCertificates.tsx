import { useCertificates } from "../../data/certificates.ts";
import { Certificate } from "../certificates/Certificate.tsx";

const REFRESH_SECONDS = 10;

/** What this agent has shown, and what checks measured of it; nothing for entities without certificate. */
export function EntityCertificates({ namespace, name }: { namespace: string; name: string }) {
  const { rows } = useCertificates(REFRESH_SECONDS);
  const own = rows?.filter((row) => row.namespace === namespace && row.entity === name) ?? [];
  if (own.length === 0) return null;
  return (
    <section className="card">
      <h2>Certificates</h2>
      {own.map((row) => (
        <Certificate key={`${row.sha256} ${row.option} ${row.subject}`} row={row} />
      ))}
    </section>
  );
}
