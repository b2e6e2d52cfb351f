/** The body of `/health` (A-228 to A-230, B-610 to B-618). */
import { type Json, SensuError, stringifyJson } from "@sensu-ts/core";

export interface MemberHealth {
  readonly id: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Empty when fine. */
  readonly error: string;
}

export interface Alarm {
  readonly memberId: bigint;
  /** 1: no space, 2: corrupt. */
  readonly alarm: number;
}

/** Who makes up the cluster; the store's mode decides who answers (B-1106 for the built-in store). */
export interface ClusterView {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly raftTerm: bigint;
  /** `timeoutMs` 0 waits without end. Throws when the list cannot be had. */
  members(timeoutMs: number): Promise<readonly MemberHealth[]>;
  alarms(): Promise<readonly Alarm[]>;
}

export function clusterHeader(view: ClusterView): Json {
  return { cluster_id: view.clusterId, member_id: view.memberId, raft_term: view.raftTerm };
}

/**
 * JSON text. Never fails because something is unhealthy: clients read the body. `more` are fields of ours, which the
 * original's clients pass over.
 */
export async function healthBody(
  view: ClusterView,
  timeoutMs: number,
  more: Readonly<Record<string, Json>> = {},
): Promise<string> {
  try {
    const members = [...(await view.members(timeoutMs))].sort((a, b) => (a.name < b.name ? -1 : 1));
    const alarms = await view.alarms();
    return stringifyJson({
      Alarms: alarms.length === 0 ? null : alarms.map(({ memberId, alarm }) => ({ memberID: memberId, alarm })),
      ClusterHealth: members.map((member) => ({
        MemberID: member.id,
        MemberIDHex: member.id.toString(16),
        Name: member.name,
        Err: member.error,
        Healthy: member.error === "",
      })),
      Header: clusterHeader(view),
      ...more,
    });
  } catch (error) {
    const text = error instanceof SensuError ? error.message : "unexpected error";
    return stringifyJson({
      Alarms: null,
      ClusterHealth: [
        {
          MemberID: 0,
          MemberIDHex: "0",
          Name: "etcd client",
          Err: `error getting cluster member list: ${text}`,
          Healthy: false,
        },
      ],
      Header: null,
      ...more,
    });
  }
}
