import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    // More than there are cores: the lab's tests wait for other processes most of the time.
    maxWorkers: 6,
    // Threads start in half the time of processes, and most files take a few milliseconds.
    pool: "threads",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/generator/**/*.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "property",
          include: ["test/property/**/*.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts", "test/docs/**/*.test.ts"],
          // Real processes on a shared machine; what a test waits for, it waits for by an event.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
export default config;
