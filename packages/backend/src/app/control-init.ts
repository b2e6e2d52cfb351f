/** `sensu-backend init` while the backend runs and holds the store (B-236). */
import { initStore } from "../access/mod.ts";
import type { ControlRoute } from "./control.ts";

export function initRoute(store: Parameters<typeof initStore>[0]): ControlRoute {
  return async (body) => {
    const given = (key: string) => (typeof body[key] === "string" ? { [key]: body[key] } : {});
    const result = await initStore(store, {
      username: "",
      password: "",
      ...given("username"),
      ...given("password"),
      ...given("apiKey"),
      ...given("agentPassword"),
      ...(body["withoutAgentUser"] === true ? { withoutAgentUser: true } : {}),
    });
    return result === "done" ? { status: 200, body: {} } : { status: 409, body: { message: "already initialized" } };
  };
}
