/** Lines of the article on a public certificate beside a private CA, `<domainname>` replaced, else as printed. */
export const DOMAIN = "sensu.example.com";

export const READABLE = [
  `sudo -u sensu cat /etc/letsencrypt/live/${DOMAIN}/privkey.pem`,
  `sudo -u sensu cat /etc/letsencrypt/live/${DOMAIN}/fullchain.pem`,
] as const;

export const BACKEND_TLS = `# tls configuration:
#  unless overridden by other config options will establish tls connections for:
#  api, dashboard and agent websocket endpoint
cert-file: "/etc/sensu/tls/letsencrypt/fullchain.pem"
key-file:  "/etc/sensu/tls/letsencrypt/key.pem"
`;

export const BACKEND_MTLS = `#  Enable agent mTLS
#   once enabled all agents will require client certs
#   you cannot mix user/pass auth agents with mTLS
agent-auth-cert-file: "/etc/sensu/tls/letsencrypt/fullchain.pem"
agent-auth-key-file:  "/etc/sensu/tls/letsencrypt/key.pem"
agent-auth-trusted-ca-file: "/etc/sensu/tls/private/ca.pem"
`;

export const AGENT_MTLS = `#  agent mTLS authentication
cert-file: "/etc/sensu/tls/private/agent.pem"
key-file: "/etc/sensu/tls/private//agent-key.pem"
`;
