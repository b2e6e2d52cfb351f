/** One backend and one browser for all tests of a file. */
import { Api, type Backend, startBackend, temporaryFolder } from "@sensu-ts/testing";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

export interface World {
  readonly folder: string;
  readonly browser: Browser;
  /** Signed in as the administrator. */
  api: Api;
  backend: Backend;
  /** Where the page is: its origin, with the base path when it has one. */
  readonly site: string;
}

interface Options {
  /** Of the backend; files for it may be written into `folder`. */
  readonly args?: (folder: string) => readonly string[];
  /** Certificate of the authority that the API's is of. */
  readonly ca?: string;
  readonly basePath?: string;
  /** What all tests find. */
  readonly fill?: (api: Api) => Promise<void>;
}

/** Call at the top of a file; what it returns is there from the first test on. */
export function startWorld({ args = () => [], ca, basePath = "", fill }: Options = {}): World {
  const folder = temporaryFolder();
  const world = { folder: folder.path } as { -readonly [K in keyof World]: World[K] };

  beforeAll(async () => {
    const placed = basePath === "" ? [] : ["--dashboard-base-path", basePath];
    world.backend = await startBackend({
      stateDir: `${folder.path}/state`,
      args: [...placed, ...args(folder.path)],
    });
    world.site = world.backend.ui + basePath;
    world.api = await new Api(world.backend, ca === undefined ? undefined : { ca }).login();
    world.browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
    await fill?.(world.api);
  });

  afterAll(async () => {
    await world.browser?.close();
    await world.backend?.program.stop();
    folder[Symbol.dispose]();
  });
  return world;
}
