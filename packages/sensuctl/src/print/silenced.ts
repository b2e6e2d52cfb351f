import { type Int64, int, type Silenced } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { rfc3339 } from "./time.ts";

/** C-59. */
const expiration = (seconds: Int64): string => (int(seconds) < 1 ? "no expiration" : rfc3339(seconds));

export const silencedLayout: Layout<Silenced> = {
  columns: [
    { title: "Name", cell: (silence) => silence.metadata.name, style: "primary" },
    { title: "Subscription", cell: (silence) => silence.subscription },
    { title: "Check", cell: (silence) => silence.check },
    { title: "Begin", cell: (silence) => rfc3339(silence.begin) },
    { title: "Expiration", cell: (silence) => expiration(silence.expire_at) },
    { title: "ExpireOnResolve", cell: (silence, paint) => paint.boolean(silence.expire_on_resolve) },
    { title: "Creator", cell: (silence) => silence.creator },
    { title: "Reason", cell: (silence) => silence.reason },
    { title: "Namespace", cell: (silence) => silence.metadata.namespace, style: "primary" },
  ],
  info: (silence) => ({
    title: silence.metadata.name,
    rows: [
      ...(int(silence.begin) * 1000 > Date.now() ? [["Begin", rfc3339(silence.begin)] as const] : []),
      ["Expiration", expiration(silence.expire_at)],
      ["ExpireOnResolve", String(silence.expire_on_resolve)],
      ["Creator", silence.creator],
      ["Check", silence.check],
      ["Reason", silence.reason],
      ["Subscription", silence.subscription],
      ["Namespace", silence.metadata.namespace],
    ],
  }),
};
