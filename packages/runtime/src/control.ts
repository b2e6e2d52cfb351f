/**
 * The control socket `<state-dir>/control.sock` (B-1107): programs of the same user ask the running backend for what
 * needs no account, such as `init`.
 */
import http from "node:http";
import path from "node:path";
import { SensuError } from "@sensu-ts/core";

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

export function controlSocketPath(stateDir: string): string {
  return path.join(stateDir, "control.sock");
}

/** Undefined when no backend listens there. */
export function askControl(stateDir: string, route: string, body: object): Promise<ControlAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        socketPath: controlSocketPath(stateDir),
        path: route,
        method: "POST",
        headers: { "content-type": "application/json" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text || "{}") }));
      },
    );
    request.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(undefined);
      else reject(new SensuError("unavailable", `${controlSocketPath(stateDir)}: ${error.message}`, { cause: error }));
    });
    request.end(JSON.stringify(body));
  });
}
