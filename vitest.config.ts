import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    // By default one core is left idle.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{packages/*,testing}/src/**/*.test.ts", "scripts/**/*.test.ts"],
          // Also where others use the machine.
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          exclude: ["e2e/src/{compat,long}/**"],
          globalSetup: ["testing/src/shared-packages.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "fuzz",
          // Units that make up their cases; `FUZZ_FACTOR` says how many.
          include: [
            "packages/core/src/codec/property.test.ts",
            "packages/core/src/token/token.test.ts",
            "packages/pki/src/parse.test.ts",
            "packages/core/src/codec/yaml-writer.test.ts",
            "packages/store/src/engines/*/conformance.test.ts",
            "e2e/src/single/hostile-input.test.ts",
          ],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: ["e2e/src/long/**/*.test.ts"],
          globalSetup: ["testing/src/shared-packages.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "compat",
          include: ["e2e/src/compat/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
