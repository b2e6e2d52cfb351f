import { group } from "../frame/command.ts";
import { pipelineNoun } from "./nouns.ts";
import { commonCommands } from "./resource.ts";

export default group("pipeline", "Manage pipelines", commonCommands(pipelineNoun));
