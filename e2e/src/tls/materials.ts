/** The PKI of the matrix: every certificate that its table names. */
import { selfSigned, TestCa, type TestPair } from "@sensu-ts/testing";

const HOUR_MS = 3_600_000;
const hours = (count: number) => new Date(Date.now() + count * HOUR_MS);

/** Issues the servers' certificates. */
export const serverCa = TestCa.root({ cn: "Public CA" });
export const serverIntermediate = serverCa.intermediate({ cn: "Public intermediate CA" });
/** Vouches for agents and people. */
export const agentCa = TestCa.root({ cn: "Private CA" });
const agentIntermediate = agentCa.intermediate({ cn: "Private intermediate CA" });
const expiredIntermediate = agentCa.intermediate({
  cn: "Old private intermediate CA",
  notBefore: hours(-48),
  notAfter: hours(-24),
});

export const MATERIALS = {
  right: agentCa.issue({ key: "rsa2048" }),
  p256: agentCa.issue(),
  p384: agentCa.issue({ key: "p384" }),
  ed25519: agentCa.issue({ key: "ed25519" }),
  chain: agentIntermediate.issue(),
  "truncated chain": agentIntermediate.issue(),
  "expired chain": expiredIntermediate.issue({ notBefore: hours(-40) }),
  "both usages": agentCa.issue({ usage: "both" }),
  "any usage": agentCa.issue({ usage: "any" }),
  "no usage": agentCa.issue({ usage: "none" }),
  "empty name": agentCa.issue({ san: [""] }),
  "wrong name": agentCa.issue({ san: ["other.example"] }),
  "last name right": agentCa.issue({ cn: ["disabled-user", "agent"] }),
  "last name disabled": agentCa.issue({ cn: ["agent", "disabled-user"] }),
  "missing user": agentCa.issue({ cn: "nobody-yet" }),
  "odd name": agentCa.issue({ cn: "Web Server 07 (East)" }),
  expired: agentCa.issue({ notBefore: hours(-48), notAfter: hours(-1) }),
  "not yet valid": agentCa.issue({ notBefore: hours(1) }),
  "wrong CA": TestCa.root({ cn: "Another CA" }).issue(),
  "forged CA": TestCa.root({ cn: "Private CA" }).issue(),
  "server's CA": serverCa.issue({ usage: "both" }),
  "self-signed": selfSigned(),
  "server usage": agentCa.issue({ usage: "server" }),
  "code signing": agentCa.issue({ usage: "codeSigning" }),
  "weak key": agentCa.issue({ key: "rsa1024" }),
  revoked: agentCa.issue(),
  resumed: agentCa.issue(),
  "no name": agentCa.issue({ cn: "" }),
  "disabled user": agentCa.issue({ cn: "disabled-user" }),
  "rightless user": agentCa.issue({ cn: "rightless-user" }),
} satisfies Record<string, TestPair>;

export type Material = keyof typeof MATERIALS;
