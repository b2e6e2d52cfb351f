import { connect } from "node:net";
import type { Result } from "./result.ts";

/** Whether something accepts TCP connections there. */
export function port(host: string, number: number, timeoutMs: number): Promise<Result> {
  const where = `${host}:${number}`;
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port: number });
    const end = (result: Result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end({ status: "critical", text: `${where} did not answer in ${timeoutMs} ms` }));
    socket.once("error", (error) => end({ status: "critical", text: `${where}: ${error.message}` }));
    socket.once("connect", () => {
      const took = (performance.now() - started).toFixed(1);
      end({ status: "ok", text: `${where} accepts connections`, metrics: [`connect=${took}ms`] });
    });
  });
}
