/** Where a worker's file is: the build puts it under the same name beside the bundle as it has beside this source. */
export function workerUrl(name: "reader" | "writer", from: string = import.meta.url): URL {
  return new URL(`./store-${name}.worker.${from.endsWith(".ts") ? "ts" : "js"}`, from);
}
