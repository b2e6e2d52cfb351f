/** Floor program of `tls`: a bare Node TLS server. Prints its port; with `--ca` it asks for a client certificate. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    cert: { type: "string", default: "" },
    key: { type: "string", default: "" },
    ca: { type: "string" },
  },
});

const server = tls.createServer(
  {
    cert: readFileSync(options.cert),
    key: readFileSync(options.key),
    ...(options.ca ? { ca: readFileSync(options.ca), requestCert: true } : {}),
  },
  (socket) => {
    socket.on("error", () => {});
    socket.resume();
  },
);
server.listen(0, "127.0.0.1", 4096, () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
