/** What a backend and its agents need for mutual TLS, written to a folder. */
import { type KeyKind, TestCa } from "@sensu-ts/testing";

export interface MtlsFiles {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Options of the backend that let agents in by certificate. */
  readonly agentAuthArgs: readonly string[];
}

export function writeMtlsFiles(folder: string, key: KeyKind = "p256"): MtlsFiles {
  const authority = TestCa.root({ cn: "Bench CA", key });
  const ca = authority.write(folder);
  const { certFile: serverCert, keyFile: serverKey } = authority.issueServer({ key }).write(folder, "server");
  const { certFile: clientCert, keyFile: clientKey } = authority.issue({ key }).write(folder, "agent");
  return {
    ...{ ca, serverCert, serverKey, clientCert, clientKey },
    agentAuthArgs: [
      ...["--agent-auth-cert-file", serverCert, "--agent-auth-key-file", serverKey],
      ...["--agent-auth-trusted-ca-file", ca],
    ],
  };
}
