import { User } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { Access, type AccessParts } from "./access.ts";

const USERS: readonly Partial<User>[] = [
  { username: "client", groups: ["edge"] },
  { username: "alone", groups: [] },
  { username: "off", groups: ["edge"], disabled: true },
];

test.each([
  ["client", { username: "client", groups: ["edge"] }],
  ["alone", { username: "alone", groups: [] }],
  ["off", undefined],
  ["nobody", { username: "nobody", groups: ["system:agents"] }],
  ["Not A User Name", { username: "Not A User Name", groups: ["system:agents"] }],
])("a certificate of %s speaks for the user of that name, or else for any agent (S-176, S-490)", (name, expected) => {
  const users = {
    get: (username: string) => USERS.map(User.create).find((user) => user.username === username),
    onChange: () => () => {},
  };
  const access = new Access({ users } as Partial<AccessParts> as AccessParts);
  expect(access.certificateIdentity(name)).toEqual(expected);
});
