import { group } from "../frame/command.ts";
import { fallbackPipelineNoun } from "./nouns.ts";
import { commonCommands } from "./resource.ts";

export default group("fallback-pipeline", "Manage fallback pipelines", commonCommands(fallbackPipelineNoun));
