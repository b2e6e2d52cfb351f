/** Who asks for a session: by password, or, where mTLS is on, by certificate and nothing else (S-167, S-174). */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { type Caller, SensuError } from "@sensu-ts/core";
import type { PeerCertificate, PeerObjection } from "@sensu-ts/runtime";
import type { AgentAccess, PeerJudge } from "./ports.ts";

export interface AgentIdentity {
  readonly caller: Caller;
  /** Absent: a password was shown. */
  readonly peer?: PeerCertificate;
}

/** A certificate that does not let in; the text goes to the client. */
export interface Rejection extends PeerObjection {
  readonly peer?: PeerCertificate;
}

/** Throws `SensuError("unauthenticated")` with the text for the client. */
export async function passwordIdentity(request: IncomingMessage, access: AgentAccess): Promise<AgentIdentity> {
  const given = credentials(request.headers.authorization ?? "");
  if (!given) throw new SensuError("unauthenticated", "missing credentials");
  try {
    return { caller: await access.authenticateBasic(given.user, given.password, request.socket.remoteAddress) };
  } catch (error) {
    if (error instanceof SensuError && error.code === "unauthenticated") {
      throw new SensuError("unauthenticated", "bad credentials", { cause: error });
    }
    throw error;
  }
}

function credentials(header: string): { user: string; password: string } | undefined {
  const match = /^basic (.*)$/i.exec(header);
  if (!match) return undefined;
  const text = Buffer.from(match[1] ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The user a certificate speaks for; credentials in the request are not looked at. */
export async function certificateIdentity(
  socket: object,
  judge: PeerJudge,
  access: AgentAccess,
): Promise<(AgentIdentity & { readonly peer: PeerCertificate }) | Rejection> {
  if (!(socket instanceof TLSSocket))
    return { reason: "the connection is not encrypted", alert: "certificate_required" };
  const verdict = await judge.verify(socket);
  if (!verdict.ok) return verdict;
  const { peer } = verdict;
  if (peer.commonName === "") {
    return { reason: "the certificate has no common name", alert: "certificate_unknown", peer };
  }
  const caller = access.certificateIdentity(peer.commonName);
  if (!caller) return { reason: `user ${peer.commonName} is disabled`, alert: "access_denied", peer };
  return { caller, peer };
}

/** Who a live session speaks for now; undefined when its user is gone or disabled (S-171). */
export function presentCaller({ caller, peer }: AgentIdentity, access: AgentAccess): Caller | undefined {
  return peer ? access.certificateIdentity(peer.commonName) : access.currentIdentity(caller.username);
}
