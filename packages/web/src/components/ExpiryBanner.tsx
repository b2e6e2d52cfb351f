/** From 30 days, or the time set in GlobalConfig, before a certificate ends, for those who may see it (U-328). */
import { Link } from "@tanstack/react-router";
import { useCertificates } from "../data/certificates.ts";
import { endingSoon, leftText, titleOf } from "../data/expiry.ts";
import { nowSeconds } from "../data/time.ts";

const REFRESH_SECONDS = 300;

export function ExpiryBanner() {
  const { rows, reminderSeconds } = useCertificates(REFRESH_SECONDS);
  const now = nowSeconds();
  const [first, ...others] = endingSoon(rows ?? [], now, reminderSeconds);
  if (first === undefined) return null;
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return (
    <p className="notice expiry" role="status">
      <strong>{others.length === 0 ? "A certificate ends soon" : `${others.length + 1} certificates end soon`}:</strong>{" "}
      {titleOf(first)}, {leftText(first, now)}
      {rest}. <Link to="/certificates">Show certificates</Link>
    </p>
  );
}
