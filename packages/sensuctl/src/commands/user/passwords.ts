/** The commands of users that deal with passwords. */
import { currentUser } from "@sensu-ts/client";
import { leaf } from "../../frame/command.ts";
import { Failure, Misuse } from "../../frame/failure.ts";
import { INTERACTIVE, text } from "../../frame/flags.ts";
import { askSecret } from "../ask.ts";
import { userNoun } from "../nouns.ts";
import { pathOf } from "../resource.ts";
import { hashPassword, requireLength } from "./password.ts";

async function askNewPassword(): Promise<string> {
  const password = await askSecret("New Password:\t\t", true);
  const again = await askSecret("Confirm Password:\t", true);
  if (password !== again) throw new Failure("given passwords do not match");
  return password;
}

export const changePassword = leaf({
  name: "change-password",
  summary: "change a user's password, by default one's own, giving the current one",
  usage: "[USERNAME]",
  args: [0, 1],
  required: ["new-password"],
  flags: [
    text("current-password", "current password", { short: "c" }),
    text("new-password", "new password", { short: "p" }),
    INTERACTIVE,
  ],
  async run(session, flags) {
    const name = session.args[0] ?? currentUser(session.tokens()?.access_token ?? "");
    let current = flags["current-password"];
    let wanted = flags["new-password"];
    if (flags.interactive) {
      current = await askSecret("Current Password:\t", true);
      wanted = await askNewPassword();
    }
    if (current === "") throw new Misuse("current password must be provided");
    if (wanted === "") throw new Misuse("new password must be provided");
    requireLength(wanted);
    const body = { password: current, password_hash: await hashPassword(wanted) };
    await (await session.client()).put(`${pathOf(userNoun, "", name)}/password`, body);
    session.say("Updated");
  },
});

export const resetPassword = leaf({
  name: "reset-password",
  summary: "set a user's password",
  usage: "[USERNAME]",
  args: [1, 1],
  argsError: () => "a username is required",
  flags: [text("password", "new password", { short: "p" }), INTERACTIVE],
  async run(session, flags) {
    const password = flags.interactive ? await askNewPassword() : flags.password;
    if (password === "") throw new Misuse("new password must be provided");
    requireLength(password);
    const path = `${pathOf(userNoun, "", session.args[0] ?? "")}/reset_password`;
    await (await session.client()).put(path, { password_hash: await hashPassword(password) });
    session.say("Updated");
  },
});

export const testCredentials = leaf({
  name: "test-creds",
  summary: "check a user's password",
  usage: "[USERNAME]",
  args: [0, 1],
  required: ["password"],
  flags: [text("password", "password to check", { short: "p" }), INTERACTIVE],
  async run(session, flags) {
    const password = flags.interactive ? await askSecret("Password:", true) : flags.password;
    await (await session.client()).testCredentials(session.args[0] ?? "", password);
  },
});

export const hash = leaf({
  name: "hash-password",
  summary: "print the hash of a password, for password_hash in files",
  usage: "[PASSWORD]",
  needs: "nothing",
  args: [1, 1],
  argsError: () => "a password is required",
  async run(session) {
    session.say(await hashPassword(session.args[0] ?? ""));
  },
});
