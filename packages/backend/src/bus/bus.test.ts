import { Event } from "@sensu-ts/core";
import { expect, test } from "vitest";
import { silentLog } from "../observe/silent-log.ts";
import { Bus } from "./bus.ts";
import { committedEvent } from "./committed-event.ts";

const message = (check: string) => committedEvent({ namespace: "default", entity: "a1", check }, Event.create(), 1);

test("a full queue blocks the publisher until there is room; nothing is lost and order holds", async () => {
  const bus = new Bus(silentLog);
  const gates: PromiseWithResolvers<void>[] = [];
  const handled: string[] = [];
  bus.subscribe("event", {
    ...{ name: "slow", capacity: 2, workers: 1 },
    async handle({ check }) {
      handled.push(check);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
    },
  });
  let published = false;
  const publishing = bus.publishAll("event", ["1", "2", "3", "4", "5"].map(message)).then(() => {
    published = true;
  });
  await new Promise(setImmediate);
  expect([published, handled, bus.depths()[0]?.waiting]).toEqual([false, ["1"], 2]);
  for (let i = 0; i < 5; i++) {
    gates[i]?.resolve();
    await new Promise(setImmediate);
  }
  await publishing;
  await bus.drained("event");
  expect(handled).toEqual(["1", "2", "3", "4", "5"]);
});

test("who posts waits for nobody until a thousand stand in line; then for its own turn", async () => {
  const bus = new Bus(silentLog);
  const gate = Promise.withResolvers<void>();
  const handled: string[] = [];
  bus.subscribe("event", {
    ...{ name: "stuck", capacity: 1, workers: 1 },
    async handle({ check }) {
      handled.push(check);
      await gate.promise;
    },
  });
  const names = Array.from({ length: 1004 }, (_, i) => String(i));
  let posted = 0;
  const all = names.map((name) =>
    bus.post("event", message(name)).then(() => {
      posted++;
    }),
  );
  await new Promise(setImmediate);
  // One is handled, one waits in the queue.
  expect([posted, handled]).toEqual([1000, ["0"]]);
  gate.resolve();
  await Promise.all(all);
  await bus.drained("event");
  expect(handled).toEqual(names);
});

test("what fails in one handler reaches neither others nor the publisher", async () => {
  const bus = new Bus(silentLog);
  const seen: string[] = [];
  bus.listen("event", () => {
    throw new Error("listener");
  });
  bus.subscribe("event", {
    ...{ name: "bad", capacity: 1, workers: 1 },
    handle: () => Promise.reject(new Error("handler")),
  });
  const end = bus.listen("event", ({ check }) => seen.push(check));
  await bus.publish("event", message("a"));
  end();
  await bus.publish("event", message("b"));
  expect(seen).toEqual(["a"]);
});

test("a topic without subscribers takes messages silently (P-2)", async () => {
  await new Bus(silentLog).publish("eventDeleted", { namespace: "n", entity: "e", check: "c" });
});
