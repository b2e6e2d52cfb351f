import { Check, Entity, Event, MetricPoint, Metrics, MetricTag, ObjectMeta } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { Bus } from "../../bus/bus.ts";
import { committedEvent } from "../../bus/committed-event.ts";
import { testLog } from "../../observe/test-log.ts";
import { CERTIFICATE_LABEL, MeasuredCertificates, measuredIn } from "./measured.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 27);

function result(points: readonly [name: string, value: number, tags?: Record<string, string>][], label = "true") {
  const labels: Record<string, string> = label === "" ? {} : { [CERTIFICATE_LABEL]: label };
  return Event.create({
    timestamp: NOW / 1000,
    entity: Entity.create(),
    check: Check.create({ metadata: ObjectMeta.create({ name: "tls", namespace: "default", labels }) }),
    metrics: Metrics.create({
      points: points.map(([name, value, tags = {}]) =>
        MetricPoint.create({
          ...{ name, value, timestamp: NOW / 1000 },
          tags: Object.entries(tags).map(([key, text]) => MetricTag.create({ name: key, value: text })),
        }),
      ),
    }),
  });
}

test.each<[string, number, number | undefined]>([
  ["cert_days_left", 12, NOW + 12 * DAY],
  ["days_left", -1, NOW - DAY],
  ["cert_seconds_left", 86_400, NOW + DAY],
  ["probe_ssl_earliest_cert_expiry", (NOW + 3 * DAY) / 1000, NOW + 3 * DAY],
  ["ssl_certificate_expiry_ms", NOW + 3 * DAY, NOW + 3 * DAY],
  ["tls.cert.expires", 45, NOW + 45 * DAY],
  ["cert_expiry", 864_000, NOW + 10 * DAY],
  ["expiring_certificate_days", 5, NOW + 5 * DAY],
  ["http_time", 5, undefined],
  ["disk_days_total", 5, undefined],
  ["cert_days_left", Number.NaN, undefined],
  ["cert_expiry", 1e300, undefined],
])("%s %d ends at %s", (name, value, end) => {
  expect(measuredIn(result([[name, value]])).map(({ notAfter }) => notAfter)).toEqual(end === undefined ? [] : [end]);
});

test("one certificate in days and in seconds counts once, the finer; others by their tags", () => {
  const measured = measuredIn(
    result([
      ["cert_seconds_left", 86_399, { host: "a" }],
      ["cert_days_left", 0, { host: "a" }],
      ["cert_days_left", 9, { host: "b", port: "443" }],
    ]),
  );
  expect(measured).toEqual([
    { subject: "host=a", notAfter: NOW + 86_399_000, seenAt: NOW },
    { subject: "host=b, port=443", notAfter: NOW + 9 * DAY, seenAt: NOW },
  ]);
});

async function watching() {
  const bus = new Bus(testLog());
  const clock = { now: NOW };
  const measured = new MeasuredCertificates(bus, () => clock.now);
  measured.start();
  const take = (event: Event, entity = "web") =>
    bus.publish("event", committedEvent({ namespace: "default", entity, check: "tls" }, event, 1));
  return { bus, clock, measured, take };
}

test("checks with the label only; the newest result counts, and a deleted event none", async () => {
  const { bus, measured, take } = await watching();
  await take(result([["cert_days_left", 3]], ""));
  await take(result([["cert_days_left", 3]], "false"));
  expect(measured.list()).toEqual([]);
  await take(result([["cert_days_left", 3]]));
  await take(result([["cert_days_left", 2]]));
  // A result without points says nothing about the certificate.
  await take(result([]));
  expect(measured.list()).toEqual([
    {
      ...{ namespace: "default", entity: "web", check: "tls", subject: "" },
      ...{ notAfter: NOW + 2 * DAY, seenAt: NOW },
    },
  ]);
  await bus.publish("eventDeleted", { namespace: "default", entity: "web", check: "tls" });
  expect(measured.list()).toEqual([]);
  measured.stop();
});

test("what nobody measures for 30 days is forgotten, and no more than a bound is held", async () => {
  const { clock, measured, take } = await watching();
  const event = result([["cert_days_left", 3]]);
  for (let i = 0; i < 5001; i++) await take(event, `web-${i}`);
  expect(measured.list()).toHaveLength(5000);
  clock.now += 31 * DAY;
  expect(measured.list()).toEqual([]);
  measured.stop();
});
