import { afterAll, beforeAll, expect, test } from "vitest";
import { ProfilerListener } from "./profiler.ts";
import { silentLog } from "./silent-log.ts";

const profiler = new ProfilerListener(silentLog);
let url: string;
beforeAll(async () => {
  url = await profiler.start({ host: "127.0.0.1", port: 0 });
});
afterAll(() => profiler.stop());

test.each([
  ["/debug/pprof/profile?seconds=0.05", 200, /"nodes":.*"samples":/s],
  ["/debug/pprof/heap?seconds=0.05", 200, /"head":.*"callFrame":/s],
  ["/debug/pprof/profile?seconds=-1", 400, /want 1 to 300/],
  ["/debug/pprof/profile?seconds=much", 400, /want 1 to 300/],
  ["/debug/pprof/", 404, /cpuprofile/],
])("GET %s", async (path, status, text) => {
  const answer = await fetch(url + path);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toMatch(text);
});

test("one profile at a time", async () => {
  const first = fetch(`${url}/debug/pprof/profile?seconds=0.2`);
  const second = fetch(`${url}/debug/pprof/profile?seconds=0.2`);
  const statuses = (await Promise.all([first, second])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 409]);
});
