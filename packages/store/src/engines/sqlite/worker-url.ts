/**
 * Where a worker's file is: beside this source while the sources run, `store-<name>.js` beside the bundle
 * otherwise.
 */
export function workerUrl(name: "reader" | "writer", from: string = import.meta.url): URL {
  return from.endsWith(".ts") ? new URL(`./${name}.ts`, from) : new URL(`./store-${name}.js`, from);
}
