import { fileURLToPath } from "node:url";

/** The built page: `web/` beside the bundle, or where Vite puts it while the sources run. */
export function pageFolder(): string {
  const from = import.meta.url;
  return fileURLToPath(from.endsWith(".ts") ? new URL("../../../web/dist", from) : new URL("./web", from));
}
