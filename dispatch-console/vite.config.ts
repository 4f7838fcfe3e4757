import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const page = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Two pages, one build: the console at `/` and the responder's app at `/responder/`. */
export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2022",
    // The map is one chunk that is loaded after everything else.
    chunkSizeWarningLimit: 1200,
    rollupOptions: { input: { console: page("index.html"), responder: page("responder/index.html") } },
  },
  // For work on the page beside a running `tidewatch serve`.
  server: { host: "127.0.0.1", proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
