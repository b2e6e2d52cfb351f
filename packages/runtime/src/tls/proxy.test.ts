import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const env = { HTTP_PROXY: "http://p:3128", https_proxy: "q:80", NO_PROXY: "a.test, .b.test,10.0.0.0/8,c.test:9" };
test.each([
  ["ws://x.test:8081", "http://p:3128/"],
  ["wss://x.test:8081", "http://q/"],
  ["https://x.test", "http://q/"],
  ["http://x.test", "http://p:3128/"],
  ["ws://localhost:8081", undefined],
  ["ws://127.0.0.1:8081", undefined],
  ["ws://[::1]:8081", undefined],
  ["ws://a.test:1", undefined],
  ["ws://sub.a.test:1", undefined],
  ["ws://sub.b.test:1", undefined],
  ["ws://xa.test:1", "http://p:3128/"],
  ["ws://10.9.9.9:1", undefined],
  ["ws://11.0.0.1:1", "http://p:3128/"],
  ["ws://c.test:9", undefined],
  ["ws://c.test:8", "http://p:3128/"],
])("the proxy for %s is %s", (target, proxy) => {
  expect(proxyFor(new URL(target), env)?.href).toBe(proxy);
});

test.each([
  ["socks5://p:1", "socks5://p:1"],
  ["SOCKS5h://u:pw@p", "socks5h://u:pw@p"],
])("%s is a SOCKS proxy", (text, href) => {
  expect(proxyFor(new URL("ws://x.test:1"), { HTTP_PROXY: text })?.href).toBe(href);
});

test.each(["socks4://p:1", "ftp://p", "http://"])("%s is no proxy", (text) => {
  expect(() => proxyFor(new URL("ws://x.test:1"), { HTTP_PROXY: text })).toThrowError(/HTTP_PROXY must be/);
});
