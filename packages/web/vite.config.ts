import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The backend writes its base path in place of the dot (U-9).
  base: "./",
  build: {
    // A slow machine is no warning.
    rolldownOptions: { checks: { pluginTimings: false } },
    outDir: "dist",
    // The backend serves /static/** as immutable (U-6).
    assetsDir: "static",
    target: "es2023",
    // Taken away by scripts/build.ts: packages carry it, the page does not.
    license: { fileName: "LICENSES.txt" },
    // The content security policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
