import { Asset, ObjectMeta } from "@sensu-ts/core";
import { group, leaf } from "../frame/command.ts";
import { Failure } from "../frame/failure.ts";
import { INTERACTIVE, many, splitList, text } from "../frame/flags.ts";
import { askText } from "./ask.ts";
import { assetNoun } from "./nouns.ts";
import { commonCommands, createOne, fetchOne, putOne } from "./resource.ts";

const create = leaf({
  name: "create",
  summary: "create an asset of one build",
  usage: "[NAME]",
  args: [0, 1],
  required: ["sha512", "url"],
  flags: [
    many("filter", "expression that must hold for the system that fetches the asset"),
    text("sha512", "SHA-512 checksum of the archive"),
    text("url", "URL of the archive", { short: "u" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [name = ""] = session.args;
    let { namespace } = session;
    let { url, sha512, filter: filters } = flags;
    if (flags.interactive) {
      name = await askText("Name:", { default: name, required: true });
      namespace = await askText("Namespace:", { default: namespace, required: true });
      url = await askText("URL:", { default: url, required: true });
      sha512 = await askText("SHA-512 Checksum:", { default: sha512, required: true });
      filters = splitList(await askText("Filters:", { default: filters.join(",") }));
    } else if (name === "") throw new Failure("Bad inputs: please provide a name.");
    const metadata = ObjectMeta.create({ name, namespace });
    await createOne(session, assetNoun, Asset.create({ metadata, url, sha512, filters }));
  },
});

const update = leaf({
  name: "update",
  summary: "change an asset of one build, asking for each value",
  usage: "[NAME]",
  args: [1, 1],
  async run(session) {
    const asset = await fetchOne(session, assetNoun, session.args[0] ?? "");
    const url = await askText("URL:", { default: asset.url, required: true });
    const sha512 = await askText("SHA-512 Checksum:", { default: asset.sha512, required: true });
    await putOne(session, assetNoun, { ...asset, url, sha512 });
    session.say("Updated");
  },
});

export default group("asset", "Manage assets", [...commonCommands(assetNoun), create, update]);
