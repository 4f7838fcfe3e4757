import { defineConfig } from "vitest/config";

/** One browser and one service at a time: the machine is small, and each test has a world of its own. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.e2e.ts"],
    environment: "node",
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // What is polled for comes in its own time, as what a locator waits for does.
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
    maxConcurrency: 1,
  },
});
