import { expect, test } from "vitest";
import { nearOptions } from "./near.ts";

const KNOWN = [
  "cert-file",
  "key-file",
  "trusted-ca-file",
  "api-url",
  "agent-host",
  "etcd-client-urls",
  "etcd-listen-client-urls",
  "etcd-listen-peer-urls",
  "etcd-trusted-ca-file",
  "agent-auth-trusted-ca-file",
];

test.each([
  ["etcd-listen-urls", ["etcd-listen-peer-urls", "etcd-listen-client-urls"]],
  ["cert-fil", ["cert-file"]],
  ["certfile", ["cert-file", "key-file"]],
  ["trusted-ca", ["trusted-ca-file", "etcd-trusted-ca-file", "agent-auth-trusted-ca-file"]],
  ["agent-tls-cert-file", []],
  ["log", []],
  ["x".repeat(10_000), []],
])("%s may have meant %j (B-1519)", (name, near) => {
  expect(nearOptions(name, KNOWN)).toEqual(near);
});
