import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ActionButton } from "../../components/ActionButton.tsx";
import { Facts } from "../../components/Facts.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Time } from "../../components/Time.tsx";
import { tell } from "../../components/Toasts.tsx";
import { getJson } from "../../data/api.ts";
import { leftText, titleOf, urgencyOf } from "../../data/expiry.ts";
import { absolute, nowSeconds } from "../../data/time.ts";
import type { CertificatePem, CertificateRole, CertificateRow } from "../../data/wire.ts";

export const ROLES: Readonly<Record<CertificateRole, string>> = {
  server: "Listener",
  store: "Store",
  ca: "Authority",
  crl: "Revocation list",
  agent: "Agent",
  check: "Check",
};

/** What breaks at the end (U-319 to U-324). */
const AFTER: Readonly<Record<CertificateRole, string>> = {
  server: "Browsers, sensuctl and agents refuse to connect.",
  store: "Members of an etcd cluster drop out and its quorum is lost; the built-in store uses none.",
  ca: "Everything this authority has issued stops being trusted.",
  crl: "Revocations that came later are not known.",
  agent: "The agent cannot connect again and its keepalives fail.",
  check: "The service behind this entity refuses its users.",
};

const ICONS = { critical: "critical", warning: "warning", passing: "ok" } as const;

function whereOf(row: CertificateRow): string {
  if (row.role === "agent") return `${row.namespace} / ${row.entity}`;
  if (row.role === "check") return `${row.namespace} / ${row.entity} / ${row.option}`;
  return [row.option, row.address].filter((part) => part !== "").join(" · ");
}

/** One line that opens. */
export function Certificate({ row }: { row: CertificateRow }) {
  const now = nowSeconds();
  const urgency = urgencyOf(row, now);
  const [open, setOpen] = useState(false);
  return (
    <details className="certificate" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={`status ${urgency}`}>
          <Icon name={ICONS[urgency]} />
          <span className="word">{leftText(row, now)}</span>
        </span>
        <span className="certificate-name">{titleOf(row)}</span>
        <span className="tag">{ROLES[row.role]}</span>
        <span className="faint certificate-where">{whereOf(row)}</span>
        {row.problems.length > 0 && <span className="certificate-problem">{row.problems[0]?.text}</span>}
      </summary>
      {open && <Opened row={row} />}
    </details>
  );
}

function Opened({ row }: { row: CertificateRow }) {
  return (
    <div className="certificate-body">
      {row.problems.length > 1 && (
        <ul className="certificate-problems">
          {row.problems.slice(1).map((problem) => (
            <li key={problem.code}>{problem.text}</li>
          ))}
        </ul>
      )}
      <p className="faint">At the end: {AFTER[row.role]}</p>
      <Facts
        facts={[
          ["Subject", row.subject],
          ["Names", row.sans.join(", ")],
          ["Issuer", row.issuer],
          ["Sent with it", row.chain.join("; ")],
          ["Valid from", row.not_before !== 0 && absolute(row.not_before)],
          [row.role === "crl" ? "Next update" : "Valid until", row.not_after !== 0 && absolute(row.not_after)],
          ["File holds", row.on_disk && `${row.on_disk.serial}, valid until ${absolute(row.on_disk.not_after)}`],
          ["Serial", row.serial],
          ["SHA-256", row.sha256],
          ["Key", row.key.bits > 0 && `${row.key.algorithm}, ${row.key.bits} bits`],
          ["File", row.file],
          ["Backend", row.backend],
          ["Address", row.address],
          ["Agent", row.role === "agent" && <EntityLink key="agent" row={row} />],
          ["Entity", row.role === "check" && <EntityLink key="entity" row={row} />],
          ["Measured by", row.role === "check" && row.option],
          [
            row.role === "check" ? "Last measured" : "Last connect",
            row.seen_at > 0 && <Time key="seen" at={row.seen_at} />,
          ],
        ]}
      />
      {row.sha256 !== "" && (
        <ActionButton icon="copy" label="Download PEM" onClick={() => tell("Downloaded", () => download(row))} />
      )}
    </div>
  );
}

async function download(row: CertificateRow): Promise<void> {
  const { pem } = await getJson<CertificatePem>(`/api/ui/v1/certificates/pem?sha256=${row.sha256}`);
  const link = document.createElement("a");
  link.download = `${titleOf(row).replace(/[^\w.-]+/g, "-")}.pem`;
  link.href = `data:application/x-pem-file,${encodeURIComponent(pem)}`;
  link.click();
}

function EntityLink({ row }: { row: CertificateRow }) {
  return (
    <Link to="/n/$namespace/entities/$name" params={{ namespace: row.namespace, name: row.entity }}>
      {row.entity}
    </Link>
  );
}
