/** Every shell line of docs/guides/install-packages.md, typed in a folder that holds the packages. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { addSystemctl, buildPackages, Machine, until } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const guide = path.join(import.meta.dirname, "../../../docs/guides/install-packages.md");

test("the guide's lines run as printed, and its agent appears", { timeout: 300_000 }, async () => {
  const blocks = [...readFileSync(guide, "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, lines = ""]) => lines);
  expect(blocks.length).toBeGreaterThan(4);
  using packages = await buildPackages();
  await using machine = await Machine.start({ has: "none" });
  await addSystemctl(machine);
  await using shell = machine.login({ cwd: path.dirname(packages.files[0] ?? "") });
  for (const block of blocks.slice(0, -1)) await shell.done(block);
  // The agent connects when it likes; the reader types the last line again.
  const shown = await until("an agent in the list", async () => {
    const list = await shell.done(blocks.at(-1) ?? "");
    return list.includes("entity:backend-1") ? list : undefined;
  });
  expect(shown).toMatch(/backend-1 +agent +linux +system,entity:backend-1/);
  for (const unit of ["sensu-backend", "sensu-agent"]) {
    expect(await shell.done(`systemctl is-active ${unit}; systemctl is-enabled ${unit}`)).toBe("active\nenabled\n");
  }
});
