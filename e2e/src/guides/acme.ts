/** An ACME server in the place of Let's Encrypt: Debian's pebble, whose root stands in the system's store as a public one. */
import type { Machine, Program, Shell } from "@sensu-ts/testing";

const CONFIG = {
  pebble: {
    listenAddress: "127.0.0.1:14000",
    managementListenAddress: "127.0.0.1:15000",
    certificate: "/root/acme/acme.test.pem",
    privateKey: "/root/acme/acme.test-key.pem",
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  },
};

/** What certbot is told once, so that the guides' lines need no more options than with the real one. */
const CERTBOT = `server = https://localhost:14000/dir
agree-tos = true
register-unsafely-without-email = true
non-interactive = true
`;

/** Runs until disposed. The shell's certbot finds it and trusts it. */
export async function startAcme(machine: Machine, shell: Shell): Promise<Program> {
  await machine.write("/root/pebble.json", JSON.stringify(CONFIG));
  await machine.write("/etc/letsencrypt/cli.ini", CERTBOT);
  await shell.done("sensu-pki init --dir /root/acme && sensu-pki issue backend acme.test --dir /root/acme");
  const server = machine.start(["pebble", "-config", "/root/pebble.json"], {
    env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
  });
  await server.waitForLine(/Listening on: .*14000/);
  await shell.done(`cd /usr/local/share/ca-certificates
curl --silent --show-error --cacert /root/acme/ca.pem https://localhost:15000/roots/0 > public-root.crt
cp /root/acme/ca.pem acme.crt; update-ca-certificates; cd`);
  return server;
}
