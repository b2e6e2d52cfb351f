import { escapeSegment } from "@sensu-ts/client";
import { User } from "@sensu-ts/core";
import { group, leaf } from "../../frame/command.ts";
import { Failure } from "../../frame/failure.ts";
import { INTERACTIVE, SKIP_CONFIRM, splitList, text } from "../../frame/flags.ts";
import { askSecret, askText, confirmed } from "../ask.ts";
import { userNoun } from "../nouns.ts";
import { createOne, listCommand, pathOf } from "../resource.ts";
import { changePassword, hash, resetPassword, testCredentials } from "./passwords.ts";

/** Certificates of agents may bear names that users cannot (S-176, S-177); the text before the semicolon is the API's. */
function refuseOddName(name: string): void {
  if (name === "" || /^[a-z0-9_.-]+$/.test(name)) return;
  const near = name.toLowerCase().replace(/[^a-z0-9_.-]+/g, "-");
  throw new Failure(
    `username cannot contain spaces or special characters; did you mean ${JSON.stringify(near)}? ` +
      `A certificate with the name ${JSON.stringify(name)} needs no user of that name: bind a role to it with --user ${JSON.stringify(name)}`,
  );
}

const create = leaf({
  name: "create",
  summary: "create a user",
  usage: "[USERNAME]",
  args: [0, 1],
  required: ["password"],
  flags: [
    text("groups", "comma separated list of groups", { short: "g" }),
    text("password", "password of the user", { short: "p" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    let [username = ""] = session.args;
    let { password, groups } = flags;
    if (flags.interactive) {
      username = await askText("Username:", { default: username, required: true });
      password = await askSecret("Password:", true);
      if ((await askSecret("Retype password:", true)) !== password) {
        throw new Failure("Password confirmation doesn't match the password");
      }
      groups = await askText("Groups:");
    }
    refuseOddName(username);
    await createOne(session, userNoun, User.create({ username, password, groups: splitList(groups) }));
  },
});

const disable = leaf({
  name: "disable",
  summary: "disable a user",
  usage: "[USERNAME]",
  args: [1, 1],
  flags: [SKIP_CONFIRM],
  async run(session, flags) {
    const [name = ""] = session.args;
    if (!flags["skip-confirm"] && !(await confirmed(session, "disable", "user", name))) return;
    await (await session.client()).delete(pathOf(userNoun, "", name));
    session.say("Disabled");
  },
});

const reinstate = leaf({
  name: "reinstate",
  summary: "let a disabled user in again",
  usage: "[USERNAME]",
  args: [1, 1],
  async run(session) {
    await (await session.client()).put(`${pathOf(userNoun, "", session.args[0] ?? "")}/reinstate`);
    session.say("Reinstated");
  },
});

const groupPath = (name: string, groupName: string) =>
  `${pathOf(userNoun, "", name)}/groups/${escapeSegment(groupName)}`;

const addGroup = leaf({
  name: "add-group",
  summary: "add a user to a group",
  usage: "[USERNAME] [GROUP]",
  args: [2, 2],
  async run(session) {
    const [name = "", groupName = ""] = session.args;
    await (await session.client()).put(groupPath(name, groupName));
    session.say("Added");
  },
});

const removeGroup = leaf({
  name: "remove-group",
  summary: "take a user out of a group",
  usage: "[USERNAME] [GROUP]",
  args: [2, 2],
  async run(session) {
    const [name = "", groupName = ""] = session.args;
    await (await session.client()).delete(groupPath(name, groupName));
    session.say("Removed");
  },
});

const removeGroups = leaf({
  name: "remove-groups",
  summary: "take a user out of all groups",
  usage: "[USERNAME]",
  args: [1, 1],
  async run(session) {
    await (await session.client()).delete(`${pathOf(userNoun, "", session.args[0] ?? "")}/groups`);
    session.say("Removed");
  },
});

const setGroups = leaf({
  name: "set-groups",
  summary: "put a user into these groups and no others",
  usage: "[USERNAME] [GROUP1,GROUP2,...]",
  args: [2, 2],
  async run(session) {
    const [name = "", groups = ""] = session.args;
    const client = await session.client();
    await client.delete(`${pathOf(userNoun, "", name)}/groups`);
    for (const groupName of splitList(groups)) await client.put(groupPath(name, groupName));
    session.say("Updated");
  },
});

export default group("user", "Manage users", [
  addGroup,
  changePassword,
  create,
  disable,
  hash,
  listCommand(userNoun),
  reinstate,
  removeGroup,
  removeGroups,
  resetPassword,
  setGroups,
  testCredentials,
]);
