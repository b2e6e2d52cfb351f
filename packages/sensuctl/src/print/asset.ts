import type { Asset } from "@sensu-ts/core";
import type { Layout } from "./layout.ts";
import { listed } from "./text.ts";

const SHA512_HEX = 128;
const URL_PARTS = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)[^/?#]*)?([^?#]*)/i;

/** `//<host>/.../<file>`; the host is empty when the text has none. */
function shortUrl(text: string): string {
  const [, host = "", path = ""] = URL_PARTS.exec(text) ?? [];
  return `//${host.replace(/^\[|\]$/g, "")}/.../${path.slice(path.lastIndexOf("/") + 1)}`;
}

export const assetLayout: Layout<Asset> = {
  columns: [
    { title: "Name", cell: (asset) => asset.metadata.name, style: "primary" },
    { title: "URL", cell: (asset) => shortUrl(asset.url) },
    { title: "Hash", cell: ({ sha512 }) => (sha512.length >= SHA512_HEX ? sha512.slice(0, 7) : "invalid") },
  ],
  rows: (asset) => (asset.builds.length === 0 ? [asset] : asset.builds.map((build) => ({ ...asset, ...build }))),
  info: (asset) => ({
    title: asset.metadata.name,
    rows: [
      ["Name", asset.metadata.name],
      ["Namespace", asset.metadata.namespace],
      ...(asset.builds.length === 0
        ? sourceRows(asset)
        : [
            ["Builds", ""] as const,
            ...asset.builds.flatMap((build, i) => [["Build", String(i)] as const, ...sourceRows(build)]),
          ]),
    ],
  }),
};

function sourceRows(source: Pick<Asset, "url" | "sha512" | "filters">): (readonly [string, string])[] {
  return [
    ["URL", source.url],
    ["SHA-512 Checksum", source.sha512],
    ["Filters", listed(source.filters)],
  ];
}
