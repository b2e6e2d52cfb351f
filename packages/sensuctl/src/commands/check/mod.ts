import { group } from "../../frame/command.ts";
import { checkNoun } from "../nouns.ts";
import { commonCommands } from "../resource.ts";
import { execute } from "./execute.ts";
import { fieldCommands } from "./fields.ts";
import { removeHook, setHooks } from "./hooks.ts";
import { create, update } from "./write.ts";

export default group("check", "Manage checks", [
  ...commonCommands(checkNoun),
  ...fieldCommands,
  create,
  execute,
  removeHook,
  setHooks,
  update,
]);
