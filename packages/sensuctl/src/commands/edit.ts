import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { memberPath } from "@sensu-ts/client";
import { fromTree, type JsonObject, type ResourceType, wrap } from "@sensu-ts/core";
import { leaf } from "../frame/command.ts";
import { Failure, Misuse } from "../frame/failure.ts";
import { FORMAT, toggle } from "../frame/flags.ts";
import type { Session } from "../frame/session.ts";
import { putAll, resourcePath, withNamespace } from "../input/apply.ts";
import { parseText } from "../input/parse.ts";
import { chosenFormat, wrappedText } from "../print/output.ts";
import { requireType } from "./type-names.ts";

async function fetched(session: Session, type: ResourceType, keys: readonly string[]): Promise<unknown> {
  if (type.name === "Event" && keys.length !== 2) throw new Failure("events need an entity and check component");
  if (type.name !== "Event" && keys.length !== 1) throw new Failure("resource name missing");
  const scope = type.scope === "namespaced" ? session.namespace : "";
  const tree = (await (
    await session.client()
  ).get(memberPath(type.apiVersion, scope, type.path, ...keys))) as JsonObject;
  const spec = type.apiVersion.startsWith("core/")
    ? tree
    : { ...(tree["spec"] as JsonObject), metadata: tree["metadata"] ?? {} };
  return fromTree(type.message, spec);
}

/** Runs the person's editor; throws when it fails. Words of `EDITOR` are separated by spaces only (C-112). */
function edit(file: string): void {
  const fallback = process.platform === "win32" ? "notepad.exe" : "vi";
  const [program = fallback, ...args] = (process.env["EDITOR"] ?? "").split(/\s+/).filter((word) => word !== "");
  const { status, signal, error } = spawnSync(program, [...args, file], { stdio: "inherit" });
  if (error !== undefined) throw new Failure(`exec: ${JSON.stringify(program)}: ${error.message}`);
  if (status !== 0) throw new Failure(signal === null ? `exit status ${status}` : `signal: ${signal}`);
}

/** C-111 to C-113. */
export default leaf({
  name: "edit",
  summary: "Change resources in an editor",
  usage: "[RESOURCE TYPE] [KEY]...",
  args: [1, Number.POSITIVE_INFINITY],
  flags: [FORMAT, toggle("blank", "begin with an empty resource and create it", { short: "b" })],
  async run(session, flags) {
    const [word = "", ...keys] = session.args;
    if (keys.length === 0 && !flags.blank) throw new Misuse("invalid argument(s) received");
    const type = requireType(word);
    const value = flags.blank
      ? type.withId(type.message.create(), { namespace: session.namespace, name: "" })
      : await fetched(session, type, keys);
    const json = ["json", "wrapped-json"].includes(chosenFormat(session, flags.format));
    const before = wrappedText(json ? "wrapped-json" : "yaml", [wrap(type, value)]);

    const folder = mkdtempSync(path.join(tmpdir(), "sensuctl-"));
    const file = path.join(folder, `sensu-resource.${process.pid}.${json ? "json" : "yaml"}`);
    writeFileSync(file, before, { mode: 0o600 });
    let keep = false;
    try {
      edit(file);
      const after = readFileSync(file, "utf8");
      if (after === before) return;
      keep = true;
      const resources = parseText(session, { input: file, place: file, text: after });
      keep = false;
      const [first] = resources;
      if (first === undefined) throw new Failure("no resources were parsed");
      const placed = resources.map((resource) => withNamespace(resource, session.namespace));
      await putAll(session, placed);
      session.say(`Updated ${resourcePath(placed[0] ?? first)}`);
    } finally {
      // What cannot be parsed is kept: the message names the file.
      if (!keep) rmSync(folder, { recursive: true, force: true });
    }
  },
});
