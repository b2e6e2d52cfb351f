/** The one-member cluster that the builtin store shows to clients (B-1106). */
import { randomBytes } from "node:crypto";
import type { Kv, StoreTrouble } from "@sensu-ts/store";
import type { ClusterView, MemberHealth } from "../observe/health.ts";

const IDS_KEY = "/sensu.io/builtin/member";
const RAFT_TERM = 2n;

/** Member and cluster id, made at the first start and kept (16 bytes). */
async function readIds(kv: Kv): Promise<DataView> {
  for (;;) {
    const entry = await kv.get(IDS_KEY);
    if (entry) return new DataView(entry.value.buffer, entry.value.byteOffset, entry.value.byteLength);
    await kv.txn([{ key: IDS_KEY, modRevision: 0 }], [{ op: "put", key: IDS_KEY, value: randomBytes(16) }]);
  }
}

/** etcd's numbers. */
const ALARMS: Readonly<Record<StoreTrouble, number>> = { full: 1, damaged: 2 };

export async function builtinCluster(
  kv: Kv,
  name: string,
  trouble: () => StoreTrouble | undefined,
): Promise<ClusterView> {
  const ids = await readIds(kv);
  const memberId = ids.getBigUint64(0);
  return {
    memberId,
    clusterId: ids.getBigUint64(8),
    raftTerm: RAFT_TERM,
    async members(timeoutMs): Promise<readonly MemberHealth[]> {
      return [
        {
          id: memberId,
          name,
          peerUrls: ["http://127.0.0.1:2380"],
          clientUrls: ["http://127.0.0.1:2379"],
          error: await probe(kv, timeoutMs),
        },
      ];
    },
    async alarms() {
      const present = trouble();
      return present === undefined ? [] : [{ memberId, alarm: ALARMS[present] }];
    },
  };
}

/** Empty when the store answers in time (0: no limit). */
async function probe(kv: Kv, timeoutMs: number): Promise<string> {
  const asked = kv.get(IDS_KEY).then(
    () => "",
    (error: Error) => error.message,
  );
  if (timeoutMs === 0) return asked;
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("context deadline exceeded"), timeoutMs);
  const answer = await Promise.race([asked, promise]);
  clearTimeout(timer);
  return answer;
}
