/** Packages of another architecture than this machine's: the same bundles around the Node that the lockfile pins for it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { run, temporaryFolder } from "@sensu-ts/testing";
import { expect, test } from "vitest";

const repository = path.resolve(import.meta.dirname, "../../..");
/** ELF's number of the machine, by Debian's name. */
const MACHINES = { amd64: 0x3e, arm64: 0xb7 };

test.each(Object.entries(MACHINES))(
  "packages for %s have its Node, and say so",
  async (architecture, machine) => {
    using folder = temporaryFolder();
    const words = ["--architecture", architecture, "--compression", "none", "--output", folder.path];
    const built = await run([process.execPath, path.join(repository, "scripts/package.ts"), ...words]);
    expect(built).toMatchObject({ code: 0, stderr: "" });
    const debs = built.stdout.trim().split("\n");
    expect(debs).toHaveLength(3);
    for (const deb of debs) {
      const { stdout } = await run(["dpkg-deb", "--field", deb, "Architecture", "Version", "Maintainer"]);
      expect(stdout).toMatch(
        new RegExp(`^Architecture: ${architecture}\\nVersion: 1:[\\d.]+\\nMaintainer: [^<]+ <[^>]+@[^>]+>\\n$`),
      );
    }
    const cli = debs.find((deb) => deb.includes("sensu-go-cli")) ?? "";
    const unpacked = path.join(folder.path, "cli");
    expect((await run(["dpkg-deb", "--extract", cli, unpacked])).code).toBe(0);
    const node = readFileSync(path.join(unpacked, "usr/lib/sensu-go-cli/node_modules/.bin/node"));
    expect(node.readUInt16LE(18)).toBe(machine);
  },
  300_000,
);

test("a maintainer is told by the builder, and has an address", async () => {
  using folder = temporaryFolder();
  const script = path.join(repository, "scripts/package.ts");
  const build = (maintainer: string) =>
    run([process.execPath, script, "--compression", "none", "--output", folder.path, "--maintainer", maintainer]);
  expect(await build("Ops")).toMatchObject({ code: 1, stderr: expect.stringContaining('want "Name <address>"') });
  const { code, stdout } = await build("Ops <ops@example.com>");
  expect(code).toBe(0);
  const [deb = ""] = stdout.split("\n");
  expect((await run(["dpkg-deb", "--field", deb, "Maintainer"])).stdout).toBe("Ops <ops@example.com>\n");
}, 300_000);
