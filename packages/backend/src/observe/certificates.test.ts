import { Entity, type Event, ObjectMeta } from "@sensu-ts/core";
import type { CertificateInUse } from "@sensu-ts/runtime";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Certificates } from "./certificates.ts";
import { testLog } from "./test-log.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 10);
beforeEach(
  () =>
    void vi.useFakeTimers({ now: NOW, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] }),
);
afterEach(() => void vi.useRealTimers());

function certificate(days: number, more: Partial<CertificateInUse> = {}): CertificateInUse {
  return {
    ...{ option: "cert-file", path: "/b1.pem", commonName: "b1", subject: "CN=b1", serial: "0A", issuer: "CN=ca" },
    ...{ names: ["b1"], notBefore: NOW - DAY, notAfter: NOW + days * DAY, fingerprint: `f${days}`, key: "EC" },
    ...more,
  };
}

async function started(...current: CertificateInUse[]) {
  const sent: Event[] = [];
  const log = testLog();
  const registry = new Registry();
  let failing = false;
  const place = { namespace: "sensu-system" };
  const certificates = new Certificates({
    current: () => current,
    files: () => [],
    async submit(event) {
      if (failing) throw new Error("away");
      sent.push(event);
    },
    entity: Entity.create({ metadata: ObjectMeta.create({ name: "host", namespace: "sensu-system" }) }),
    namespace: () => place.namespace,
    ...{ registry, log, clock: { now: () => Date.now() } },
  });
  await certificates.start();
  await vi.advanceTimersByTimeAsync(0);
  const fail = (value: boolean) => {
    failing = value;
  };
  return {
    certificates,
    current,
    place,
    sent,
    log,
    registry,
    fail,
    statuses: () => sent.map((event) => event.check?.status),
  };
}

test.each([
  [31, 0, undefined],
  [
    30,
    1,
    /^warn: cert-file \/b1\.pem: certificate CN=b1, serial 0A, is valid until 2026-02-09T00:00:00Z, 30 days left/,
  ],
  [8, 1, /^warn/],
  [7, 2, /^error: .*7 days left/],
  [-1, 2, /^error: .* expired at 2026-01-09T00:00:00Z: renew it/],
])("%i days left: status %i, told in log and event (S-103)", async (days, status, line) => {
  const { certificates, sent, log } = await started(certificate(days));
  expect(sent.map(({ entity, check }) => [entity?.metadata.name, check?.metadata.name, check?.status])).toEqual([
    ["host", "certificates", status],
  ]);
  expect(log.lines).toEqual(line ? [expect.stringMatching(line)] : []);
  expect(certificates.health()).toEqual([
    { Option: "cert-file", CommonName: "b1", Serial: "0A", NotAfter: expect.any(String), Healthy: status === 0 },
  ]);
  await certificates.stop();
});

test("one that is not valid yet is as bad as an expired one", async () => {
  const { certificates, statuses, log } = await started(certificate(90, { notBefore: NOW + DAY }));
  expect(statuses()).toEqual([2]);
  expect(log.lines).toEqual([expect.stringContaining("is not valid before 2026-01-11T00:00:00Z")]);
  await certificates.stop();
});

test("the worst counts, and stands first", async () => {
  const ca = certificate(3, { option: "trusted-ca-file", path: "/ca.pem", subject: "CN=ca", fingerprint: "ca" });
  const { certificates, sent } = await started(certificate(90), ca);
  expect(sent[0]?.check?.status).toBe(2);
  expect(sent[0]?.check?.output.split("\n")[0]).toContain("trusted-ca-file /ca.pem: certificate CN=ca");
  await certificates.stop();
});

test("the gauge follows a renewal", async () => {
  const { certificates, current, registry } = await started(certificate(5));
  const series = async () => (await registry.metrics()).split("\n").filter((line) => line.startsWith("sensu_go"));
  const name = 'sensu_go_tls_certificate_not_after_seconds{option="cert-file",path="/b1.pem",cn="b1"';
  expect(await series()).toEqual([`${name},serial="0A"} ${(NOW + 5 * DAY) / 1000}`]);
  current[0] = certificate(90, { serial: "0B" });
  certificates.look();
  expect(await series()).toEqual([`${name},serial="0B"} ${(NOW + 90 * DAY) / 1000}`]);
  await certificates.stop();
});

test("changes in quick succession make one event each 30 s, and one more round every 12 h", async () => {
  const { certificates, current, statuses } = await started(certificate(5));
  for (const days of [20, 10, 90]) {
    current[0] = certificate(days);
    certificates.look();
  }
  await vi.advanceTimersByTimeAsync(29_000);
  expect(statuses()).toEqual([2]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(statuses()).toEqual([2, 0]);
  await vi.advanceTimersByTimeAsync(DAY / 2);
  expect(statuses()).toEqual([2, 0, 0]);
  await certificates.stop();
});

test("an event that cannot be stored is tried again", async () => {
  const { certificates, current, statuses, fail } = await started(certificate(90));
  fail(true);
  current[0] = certificate(5);
  certificates.look();
  await vi.advanceTimersByTimeAsync(30_000);
  fail(false);
  expect(statuses()).toEqual([0]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(statuses()).toEqual([0, 2]);
  await certificates.stop();
});

test("told in the namespace that is set for it, and no longer where it was told before (U-328)", async () => {
  const { certificates, place, sent } = await started(certificate(5));
  place.namespace = "ops";
  certificates.look();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(
    sent.map(({ entity, metadata, check }) => [
      ...[entity?.metadata.name, entity?.metadata.namespace, metadata?.namespace, check?.metadata.namespace],
      check?.status,
    ]),
  ).toEqual([
    ["host", "sensu-system", "sensu-system", "sensu-system", 2],
    ["host", "ops", "ops", "ops", 2],
    ["host", "sensu-system", "sensu-system", "sensu-system", 0],
  ]);
  expect(sent[2]?.check?.output).toBe("told in namespace ops from now on\n");
  await certificates.stop();
});

test("a backend without certificates tells nothing", async () => {
  const { certificates, sent } = await started();
  expect([sent, certificates.health()]).toEqual([[], []]);
  await certificates.stop();
});
