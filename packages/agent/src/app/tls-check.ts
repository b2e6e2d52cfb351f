import { type ClientTls, clientTls, type Logger } from "@sensu-ts/runtime";

/** SIGHUP (S-163): the files are read anew at every connection, so all there is to do is to say whether they will do. */
export function checkClientTls(tls: ClientTls, log: Logger): void {
  try {
    clientTls(tls);
    log.info({}, "the TLS files are in order; the next connection uses them");
  } catch (error) {
    log.error({ error }, "the TLS files cannot be used");
  }
}
