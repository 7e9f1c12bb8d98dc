import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/generator/**/*.test.ts"],
        },
      },
      {
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
