import { defineConfig } from "vitest/config";

/** One browser and one service at a time: the machine is small, and each test has a world of its own. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    testTimeout: 240_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxConcurrency: 1,
  },
});
