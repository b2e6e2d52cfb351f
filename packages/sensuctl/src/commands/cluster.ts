/** The etcd cluster behind the backend. IDs are 64-bit: JSON numbers in answers, hexadecimal for people (C-47). */
import { collectionPath, escapeSegment, withQuery } from "@sensu-ts/client";
import { type Json, type JsonObject, parseJson } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { FORMAT, splitList } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { naming } from "../input/apply.ts";
import { renderInfo } from "../print/info.ts";
import { chosenFormat, printPlain } from "../print/output.ts";
import { type Column, renderTable } from "../print/table.ts";
import { warnOfExpiry } from "./expiry.ts";

const MEMBERS = collectionPath("core/v2", "", "cluster/members");
const ANYTHING = [0, Number.POSITIVE_INFINITY] as const;
const ALARMS = ["NONE", "NOSPACE", "CORRUPT"];

const hex = (id: Json | undefined): string =>
  typeof id === "number" || typeof id === "bigint" ? id.toString(16) : "0";
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const rowsOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as JsonObject[]) : [];
const urls = (value: Json | undefined): string => (Array.isArray(value) ? value.join(",") : "");
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const HEALTH: readonly Column<JsonObject>[] = [
  { title: "ID", cell: (row) => hex(row["MemberID"]), style: "primary" },
  { title: "Name", cell: (row) => textOf(row["Name"]), style: "primary" },
  { title: "Error", cell: (row) => textOf(row["Err"]), style: "primary" },
  { title: "Healthy", cell: (row) => String(row["Healthy"] === true), style: "primary" },
];
const ALARM: readonly Column<JsonObject>[] = [
  { title: "ID", cell: (row) => hex(row["memberID"]), style: "primary" },
  { title: "Alarm Type", cell: (row) => ALARMS[Number(row["alarm"] ?? 0)] ?? String(row["alarm"]), style: "primary" },
];
const MEMBER: readonly Column<JsonObject>[] = [
  { title: "ID", cell: (row) => hex(row["ID"]), style: "primary" },
  { title: "Name", cell: (row) => textOf(row["name"]), style: "primary" },
  { title: "Peer URLs", cell: (row) => urls(row["peerURLs"]) },
  { title: "Client URLs", cell: (row) => urls(row["clientURLs"]) },
];

/** Every field of the answer, also those that JSON leaves out when they are zero. */
function memberYaml(body: JsonObject): Json {
  const header = body["header"] as JsonObject;
  const count = (key: string) => header[key] ?? 0;
  return {
    header: {
      clusterid: count("cluster_id"),
      memberid: count("member_id"),
      revision: count("revision"),
      raftterm: count("raft_term"),
    },
    members: rowsOf(body["members"]).map((member) => ({
      id: member["ID"] ?? 0,
      name: member["name"] ?? "",
      peerurls: member["peerURLs"] ?? [],
      clienturls: member["clientURLs"] ?? [],
      islearner: member["isLearner"] ?? false,
    })),
  };
}

/** Keys in lower case without underscores, as the original's YAML has them (C-53). */
function yamlForm(value: Json): Json {
  if (Array.isArray(value)) return value.map(yamlForm);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as JsonObject);
  return Object.fromEntries(entries.map(([key, item]) => [key.toLowerCase().replaceAll("_", ""), yamlForm(item)]));
}

function titled(session: Session, header: JsonObject, table: string): string {
  return renderInfo({ title: `Etcd Cluster ID: ${hex(header["cluster_id"])}`, rows: [] }, session.paint) + table;
}

const headerOf = (body: JsonObject, key: string): JsonObject => {
  const header = body[key];
  if (typeof header === "object" && header !== null) return header as JsonObject;
  throw new Failure("result header was empty, etcd cluster may be down");
};

const health = leaf({
  name: "health",
  summary: "show the health of the members",
  args: ANYTHING,
  flags: [FORMAT],
  async run(session, flags) {
    let body: JsonObject;
    try {
      // Parsed whatever the status.
      body = parseJson((await (await session.client()).exchange("GET", "/health?timeout=3")).text) as JsonObject;
    } catch (error) {
      throw new Failure(`GET "/health": ${reason(error)}`);
    }
    warnOfExpiry(session, body);
    const header = headerOf(body, "Header");
    const members = rowsOf(body["ClusterHealth"]);
    const alarms = body["Alarms"];
    const format = chosenFormat(session, flags.format);
    printPlain(session, format, members, yamlForm(members), () =>
      titled(session, header, renderTable(HEALTH, members, session.paint)),
    );
    if (alarms === null || alarms === undefined) return;
    const rows = rowsOf(alarms);
    printPlain(session, format, rows, yamlForm(rows), () => renderTable(ALARM, rows, session.paint));
  },
});

const id = leaf({
  name: "id",
  summary: "show the ID of the cluster",
  async run(session) {
    const path = collectionPath("core/v2", "", "cluster/id");
    const { text } = await naming("GET", path, (await session.client()).request("GET", path));
    session.write(`sensu cluster id: ${text}`);
  },
});

async function change(session: Session, method: string, path: string, prefix: string): Promise<JsonObject> {
  try {
    const { text } = await naming(method, path, (await session.client()).request(method, path));
    return method === "DELETE" && text.trim() === "" ? {} : (parseJson(text) as JsonObject);
  } catch (error) {
    throw new Failure(`${prefix}${reason(error)}`);
  }
}

const memberList = leaf({
  name: "member-list",
  summary: "list the members",
  args: ANYTHING,
  flags: [FORMAT],
  async run(session, flags) {
    const body = await change(session, "GET", MEMBERS, "error listing cluster members: ");
    const header = headerOf(body, "header");
    const tabular = () => titled(session, header, renderTable(MEMBER, rowsOf(body["members"]), session.paint));
    printPlain(session, chosenFormat(session, flags.format), body, memberYaml(body), tabular);
  },
});

const addresses = (list: string) => splitList(list).join(",");

/** C-93. */
const memberAdd = leaf({
  name: "member-add",
  summary: "add a member with these peer URLs",
  usage: "[NAME] [PEER_URLS]",
  args: [2, 2],
  async run(session) {
    const [name = "", peers = ""] = session.args;
    const path = withQuery(MEMBERS, { "peer-addrs": addresses(peers) });
    const body = await change(session, "POST", path, "couldn't add cluster member: ");
    const added = hex((body["member"] as JsonObject | undefined)?.["ID"]);
    const initial = rowsOf(body["members"]).flatMap((member) => {
      const peerName = hex(member["ID"]) === added ? name : textOf(member["name"]);
      const peerUrls = Array.isArray(member["peerURLs"]) ? member["peerURLs"] : [];
      return peerUrls.map((url) => `${peerName}=${String(url)}`);
    });
    session.say(`added member ${added} to cluster`);
    session.say("");
    session.say(`ETCD_NAME="${name}"`);
    session.say(`ETCD_INITIAL_CLUSTER="${initial.join(",")}"`);
    session.say('ETCD_INITIAL_CLUSTER_STATE="existing"');
  },
});

function requireHex(text: string): string {
  const refuse = (why: string) => new Failure(`invalid id: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[0-9a-f]+$/i.test(text)) throw refuse("invalid syntax");
  if (text.replace(/^0+/, "").length > 16) throw refuse("value out of range");
  return BigInt(`0x${text}`).toString(16);
}

const memberUpdate = leaf({
  name: "member-update",
  summary: "give a member other peer URLs",
  usage: "[ID] [PEER_URLS]",
  args: [2, 2],
  async run(session) {
    const [given = "", peers = ""] = session.args;
    const member = requireHex(given);
    const path = withQuery(`${MEMBERS}/${escapeSegment(member)}`, { "peer-addrs": addresses(peers) });
    await change(session, "PUT", path, "error updating cluster member: ");
    session.say(`Updated member with ID ${member} in cluster`);
  },
});

const memberRemove = leaf({
  name: "member-remove",
  summary: "remove a member",
  usage: "[ID]",
  args: [1, 1],
  async run(session) {
    const member = requireHex(session.args[0] ?? "");
    await change(session, "DELETE", `${MEMBERS}/${member}`, "error removing cluster member: ");
    session.say(`Removed member ${member} from cluster`);
  },
});

export default group("cluster", "Manage the cluster", [health, id, memberAdd, memberList, memberRemove, memberUpdate]);
