import { defineConfig, type ViteUserConfig } from "vitest/config";

// What replaces modules keeps them to itself.
const mocking = [
  "test/unit/runtime/addin/server.test.ts",
  "test/unit/runtime/addin/spawn-guardian.test.ts",
];

const config: ViteUserConfig = defineConfig({
  test: {
    // More than there are cores: the lab's tests wait for other processes most of the time.
    maxWorkers: 6,
    experimental: { fsModuleCache: true },
    // No test asserts a time by failing for it, and a busy machine is no failure.
    testTimeout: 60_000,
    // Threads start in half the time of processes, and most files take a few milliseconds.
    pool: "threads",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "test/unit/**/*.test.ts",
            "test/property/**/*.test.ts",
            "test/generator/**/*.test.ts",
            "test/simulation/**/*.test.ts",
          ],
          exclude: mocking,
          // They share their modules: most of their time would go into loading them again.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: "unit-mocking", include: mocking },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          isolate: false,
          globalSetup: "test/helpers/lab/lab-setup.ts",
          // Real processes on a shared machine; what a test waits for, it waits for by an event.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          // The product as its users have it, whole and once: npm run test:e2e.
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          isolate: false,
          globalSetup: "test/helpers/lab/lab-setup.ts",
          // Its programs keep the processors busy: npm, compilers, many Windows processes.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          // What enumerates or repeats, or needs tools of its own: npm run test:exhaustive.
          name: "exhaustive",
          include: ["test/exhaustive/**/*.test.ts"],
          isolate: false,
          globalSetup: "test/helpers/lab/lab-setup.ts",
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
export default config;
