import { defineConfig } from "vitest/config";

/** Figures, not tests: each prints what it found beside its target. */
export default defineConfig({ test: { include: ["e2e/**/*.bench-e2e.ts"], environment: "node", testTimeout: 600_000, hookTimeout: 60_000, fileParallelism: false } });
