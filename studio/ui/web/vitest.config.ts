import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    alias: {
      "@studio": fileURLToPath(new URL("./src/studio/index.ts", import.meta.url)),
      react: "preact/compat",
      "react-dom": "preact/compat",
      "@declarations": fileURLToPath(new URL("./src/studio/declarations.ts", import.meta.url)),
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
