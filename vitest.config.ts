import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // Threads start in half the time of processes, and most files take a few milliseconds.
          pool: "threads",
          maxWorkers: "100%",
          include: ["test/unit/**/*.test.ts", "test/generator/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "lab",
          // They wait for other processes more than they compute.
          maxWorkers: 4,
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
