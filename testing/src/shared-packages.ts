/** Vitest's set-up of a whole run: a place for the packages its tests share, empty again when the run is over. */
import { rmSync } from "node:fs";
import path from "node:path";

export default function setup(): () => void {
  const folder = path.resolve(import.meta.dirname, `../../dist/packages-run-${process.pid}`);
  // What the tests' processes inherit (installed.ts).
  process.env["SENSU_TEST_PACKAGES"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
