/** The command lines of the certificate guide of the original's documentation, as printed there. */

export const DOWNLOAD = {
  cfssl:
    "sudo curl -L https://github.com/cloudflare/cfssl/releases/download/v1.4.1/cfssl_1.4.1_linux_amd64 -o /usr/local/bin/cfssl",
  cfssljson:
    "sudo curl -L https://github.com/cloudflare/cfssl/releases/download/v1.4.1/cfssljson_1.4.1_linux_amd64 -o /usr/local/bin/cfssljson",
  mode: "sudo chmod +x /usr/local/bin/cfssl*",
} as const;

export const VERSIONS = ["cfssl version", "cfssljson -version"] as const;

export const FOLDER = ["mkdir -p /etc/sensu/tls", "cd /etc/sensu/tls"] as const;

export const CA = `echo '{"CN":"Sensu Test CA","key":{"algo":"rsa","size":2048}}' | cfssl gencert -initca - | cfssljson -bare ca -`;

export const PROFILES = `echo '{"signing":{"default":{"expiry":"17520h","usages":["signing","key encipherment","client auth"]},"profiles":{"backend":{"usages":["signing","key encipherment","server auth","client auth"],"expiry":"4320h"},"agent":{"usages":["signing","key encipherment","client auth"],"expiry":"4320h"}}}}' > ca-config.json`;

const PAIR = `echo '{"CN":"'$NAME'","hosts":[""],"key":{"algo":"rsa","size":2048}}' | cfssl gencert -config=ca-config.json -profile="backend" -ca=ca.pem -ca-key=ca-key.pem -hostname="$ADDRESS" - | cfssljson -bare $NAME`;

/** Three lines each. */
export const BACKENDS = [1, 2, 3].map(
  (n) => `export ADDRESS=localhost,127.0.0.1,10.0.0.${n},backend-${n}
export NAME=backend-${n}.example.com
${PAIR}`,
);

export const AGENT = `export NAME=agent
echo '{"CN":"'$NAME'","hosts":[""],"key":{"algo":"rsa","size":2048}}' | cfssl gencert -config=ca-config.json -ca=ca.pem -ca-key=ca-key.pem -hostname="" -profile=agent - | cfssljson -bare $NAME`;

export const OWNER = "chown sensu /etc/sensu/tls/*.pem";
export const MODE = "chmod 400 /etc/sensu/tls/*.pem";

export const TRUST = {
  mode: "chmod 644 /etc/sensu/tls/ca.pem",
  owner: "chown root /etc/sensu/tls/ca.pem",
  package: "sudo apt-get install ca-certificates -y",
  link: "sudo ln -sfv /etc/sensu/tls/ca.pem /usr/local/share/ca-certificates/sensu-ca.crt",
  update: "sudo update-ca-certificates",
} as const;

export const RESTART = "sudo systemctl start sensu-backend";

/** The file's name is left to the reader. */
export const EXPIRY_COMMAND = "openssl x509 -noout -enddate -in <cert-name>.pem";

/** As the page prints it; copies of the page have lost the indentation. */
export const EXPIRY_CHECK_YAML = `---
type: CheckConfig
api_version: core/v2
metadata:
  name: expired_certs
spec:
  command: ${EXPIRY_COMMAND}
  subscriptions:
  - system
  publish: true
`;

export const EXPIRY_CHECK_JSON = `{
  "type": "CheckConfig",
  "api_version": "core/v2",
  "metadata": {
    "name": "expired_certs"
  },
  "spec": {
    "command": "${EXPIRY_COMMAND}",
    "subscriptions": [
      "system"
    ],
    "publish": true
  }
}
`;

/** Real names: the guide's listings spell keys `backend-1-key.example.com.pem`, which no tool ever wrote (S-12). */
export const FILES_13 = [
  ...[1, 2, 3].flatMap((n) => [
    `backend-${n}.example.com-key.pem`,
    `backend-${n}.example.com.csr`,
    `backend-${n}.example.com.pem`,
  ]),
  "ca-config.json",
  "ca-key.pem",
  "ca.csr",
  "ca.pem",
].sort();

/** With the agent's three files and without the CA's key. */
export const FILES_15 = [
  ...FILES_13.filter((name) => name !== "ca-key.pem"),
  "agent-key.pem",
  "agent.csr",
  "agent.pem",
].sort();
