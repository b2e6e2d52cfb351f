/** Configuration blocks and lines of the original's page on securing, as printed there. */

export const STORE = `##
# backend store configuration
##
etcd-listen-client-urls: "https://localhost:2379"
etcd-listen-peer-urls: "https://localhost:2380"
etcd-initial-advertise-peer-urls: "https://localhost:2380"
etcd-cert-file: "/path/to/your/cert"
etcd-key-file: "/path/to/your/key"
etcd-trusted-ca-file: "/path/to/your/ca/file"
etcd-peer-cert-file: "/path/to/your/peer/cert"
etcd-peer-key-file: "/path/to/your/peer/key"
etcd-peer-client-cert-auth: "true"
etcd-peer-trusted-ca-file: "/path/to/your/peer/ca/file"
`;

export const TLS = `##
# backend ssl configuration
##
cert-file: "/path/to/ssl/cert.pem"
key-file: "/path/to/ssl/key.pem"
trusted-ca-file: "/path/to/trusted-certificate-authorities.pem"
insecure-skip-tls-verify: false
`;

export const API_URL = `##
# backend api configuration
##
api-url: "https://localhost:8080"
`;

export const DASHBOARD = `dashboard-cert-file: "/path/to/ssl/cert.pem"
dashboard-key-file: "/path/to/ssl/key.pem"
`;

export const AGENT_PLAIN = `---
##
# agent configuration
##
backend-url:
  - "ws://127.0.0.1:8081"
`;

export const AGENT_TLS = AGENT_PLAIN.replace("ws:", "wss:");

export const AGENT_CA = `trusted-ca-file: "/path/to/trusted-certificate-authorities.pem"
`;

export const BACKEND_MTLS = `##
# backend configuration
##
agent-auth-cert-file: "/path/to/backend-1.pem"
agent-auth-key-file: "/path/to/backend-1-key.pem"
agent-auth-trusted-ca-file: "/path/to/ca.pem"
`;

export const AGENT_MTLS = `##
# agent configuration
##
cert-file: "/path/to/agent-1.pem"
key-file: "/path/to/agent-1-key.pem"
trusted-ca-file: "/path/to/ca.pem"
`;

/** What stands for the reader's own paths, by the files that the certificate guide makes. */
const FILES: Readonly<Record<string, string>> = {
  "/path/to/your/cert": "backend-1.example.com.pem",
  "/path/to/your/key": "backend-1.example.com-key.pem",
  "/path/to/your/ca/file": "ca.pem",
  "/path/to/your/peer/cert": "backend-1.example.com.pem",
  "/path/to/your/peer/key": "backend-1.example.com-key.pem",
  "/path/to/your/peer/ca/file": "ca.pem",
  "/path/to/ssl/cert.pem": "backend-1.example.com.pem",
  "/path/to/ssl/key.pem": "backend-1.example.com-key.pem",
  "/path/to/trusted-certificate-authorities.pem": "ca.pem",
  "/path/to/backend-1.pem": "backend-1.example.com.pem",
  "/path/to/backend-1-key.pem": "backend-1.example.com-key.pem",
  "/path/to/agent-1.pem": "agent.pem",
  "/path/to/agent-1-key.pem": "agent-key.pem",
  "/path/to/ca.pem": "ca.pem",
};

/** The block with the placeholders replaced by the certificate guide's files, nothing else changed. */
export function withFiles(block: string): string {
  return block.replace(/"(\/path\/to\/[^"]+)"/g, (_, placeholder: string) => `"/etc/sensu/tls/${FILES[placeholder]}"`);
}
