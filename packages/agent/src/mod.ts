export { Agent } from "./app/agent.ts";
export { AGENT_OPTIONS } from "./app/options.ts";
export { type AgentSettings, agentSettings } from "./app/settings.ts";
