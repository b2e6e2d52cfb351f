/** The whole API: every route of port 8080 but GraphQL and the page's own. */
import { RESOURCE_TYPES, SensuError } from "@sensu-ts/core";
import type { FastifyInstance } from "fastify";
import type { Access } from "../access/access.ts";
import type { Actions } from "../actions/actions.ts";
import { sendError } from "./answers.ts";
import { createServer, type ServerOptions } from "./app.ts";
import { authRoutes } from "./auth-routes.ts";
import { CORE_ANSWERS, coreRoutes, telemetryRoute } from "./core-routes.ts";
import { resourceRoutes } from "./resource-routes.ts";
import { type SystemDeps, systemRoutes } from "./system-routes.ts";

export interface ApiDeps extends ServerOptions, SystemDeps {
  readonly access: Access;
  readonly actions: Actions;
  /** Entities in the cluster, for the header that clients read. */
  readonly countEntities?: () => number;
}

/** Nothing listens yet: the caller does that, through `listen` or the server it made in `serverFactory`. */
export function buildApi(deps: ApiDeps): FastifyInstance {
  const { access, actions, gate } = deps;
  const app = createServer(deps);
  systemRoutes(app, deps);
  app.register((scope, _options, done) => {
    scope.addHook("onRequest", async (_request, reply) => gate.check(reply));
    authRoutes(scope, access, deps.log);
    done();
  });
  telemetryRoute(app);
  app.post("/graphql", (_request, reply) =>
    sendError(reply, new SensuError("notFound", "GraphQL is not served; use the REST API")),
  );
  app.register((scope, _options, done) => {
    // 401 comes before 503, and both before the body is read.
    scope.addHook("onRequest", async (request, reply) => {
      request.caller = {
        ...(await access.authenticateHeader(request.headers.authorization)),
        address: request.ip,
      };
      if (deps.countEntities) reply.header("Sensu-Entity-Count", String(deps.countEntities()));
      return gate.check(reply);
    });
    for (const type of RESOURCE_TYPES) {
      const served = actions.of(type);
      if (served && type.methods.length > 0) resourceRoutes(scope, type, served, CORE_ANSWERS[type.name]);
    }
    coreRoutes(scope, actions);
    done();
  });
  return app;
}
