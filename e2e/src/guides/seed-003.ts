/** Configuration of the article on mTLS, as printed: key files in a spelling that no tool ever wrote. */

export const STORE = [
  `etcd-cert-file: "/etc/sensu/tls/backend-1.example.com.pem"
etcd-key-file: "/etc/sensu/tls/backend-1-key.example.com.pem"
`,
  `etcd-peer-cert-file: "/etc/sensu/tls/backend-1.example.com.pem"
etcd-peer-key-file: "/etc/sensu/tls/backend-1-key.example.com.pem"
`,
  `etcd-trusted-ca-file: "/etc/sensu/tls/ca.pem"
etcd-peer-trusted-ca-file: "/etc/sensu/tls/ca.pem"
`,
  `etcd-listen-client-urls: "https://localhost:2379"
etcd-listen-peer-urls: "https://localhost:2380"
etcd-advertise-client-urls: "https://localhost:2379"
etcd-initial-advertise-peer-urls: "https://localhost:2380"
`,
  `etcd-client-cert-auth: "true"
etcd-peer-client-cert-auth: "true"
`,
].join("");

export const TLS = `trusted-ca-file: "/etc/sensu/tls/ca.pem"
cert-file: "/etc/sensu/tls/backend-1.example.com.pem"
key-file: "/etc/sensu/tls/backend-1-key.example.com.pem"
insecure-skip-tls-verify: false
api-url: "https://localhost:8080"
`;

export const RESTART = "sudo systemctl restart sensu-backend";

export const AGENT_PLAIN = `backend-url:
  - "ws://127.0.0.1:8081"
`;

export const AGENT_TLS = AGENT_PLAIN.replace("ws:", "wss:");

export const AGENT_CA = `trusted-ca-file: "/etc/sensu/tls/ca.pem"
`;

export const SHOW_CN = "openssl x509 -in client.pem -text -noout";

export const BACKEND_MTLS = `agent-auth-cert-file: "/etc/sensu/tls/backend-1.example.com.pem"
agent-auth-key-file: "/etc/sensu/tls/backend-1-key.example.com.pem"
agent-auth-trusted-ca-file: "/etc/sensu/tls/ca.pem"
`;

export const AGENT_MTLS = `cert-file: "/etc/sensu/tls/agent.pem"
key-file: "/etc/sensu/tls/agent-key.pem"
trusted-ca-file: "/etc/sensu/tls/ca.pem"
`;
