/** What `npm start` says when all runs. */
import { hostname, userInfo } from "node:os";
import { AGENT_USER, type Certificates, isLoopback } from "./certificates.ts";
import { SUBSCRIPTION, touchFile } from "./seed.ts";

export interface Started {
  readonly link: string;
  readonly apiUrl: string;
  readonly host: string;
  readonly ports: { readonly ui: number; readonly api: number; readonly agent: number };
  readonly stateDir: string;
  readonly passwordFile: string;
  readonly agentPasswordFile: string;
  readonly certificates: Certificates | undefined;
}

function trust({ ca, folder }: Certificates): string {
  return `
Your browser does not know the CA of this installation and asks once. To make it trust the CA:
  on this machine:   bin/sensu-pki trust install --browser --dir ${folder}
  elsewhere:         import ${ca} as an authority in the browser's settings (the file is no secret)
`;
}

function addMachine({ host, ports, agentPasswordFile, certificates }: Started): string {
  if (isLoopback(host)) {
    return certificates === undefined
      ? "Add another machine: start again with  npm start -- --secure --listen 0.0.0.0"
      : "Add another machine: start again with  npm start -- --secure --listen 0.0.0.0\nthen, while that runs,  npm start -- --add-machine NAME";
  }
  if (certificates !== undefined) {
    return `Add another machine: npm start -- --add-machine NAME
prints one line to run there, with a certificate of that machine's own. To shut it out again:
  bin/sensu-pki revoke NAME --dir ${certificates.folder}`;
  }
  return `Add another machine (plain text: only in a network you trust; --secure encrypts): copy ${agentPasswordFile} there as agent-password, then run on it
  SENSU_PASSWORD="$(cat agent-password)" bin/sensu-agent start --user ${AGENT_USER} --backend-url ws://${hostname()}:${ports.agent} --subscriptions ${SUBSCRIPTION}`;
}

export function report(started: Started): string {
  const { link, apiUrl, host, ports, stateDir, passwordFile, certificates } = started;
  const headless = !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"] && process.platform === "linux";
  const tunnel = `This host has no display. From your own computer, open a tunnel first:

  ssh -L ${ports.ui}:127.0.0.1:${ports.ui} ${userInfo().username}@${hostname()}

`;
  const ca = certificates === undefined ? "" : ` --trusted-ca-file ${certificates.ca}`;
  return `
Ready. Open this link (it signs you in once, within 10 minutes):

  ${link}

${headless && isLoopback(host) ? tunnel : ""}Later sign-ins: user admin, password in ${passwordFile}
${certificates === undefined ? "" : trust(certificates)}
Command line:
  SENSU_PASSWORD="$(cat ${passwordFile})" bin/sensuctl configure -n --url ${apiUrl}${ca} --username admin
  bin/sensuctl event list

See an alert travel:
  touch ${touchFile({ stateDir })}

${addMachine(started)}

Ctrl-C stops everything.`;
}
