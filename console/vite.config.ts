import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // What an address bar holds is not for the bundler to read: the console learns its settings from config.json.
  envPrefix: 'ONECHARGE_CONSOLE_',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // Nothing inlined: the content security policy lets neither scripts nor fonts come from data URLs.
    assetsInlineLimit: 0,
    // Cloudscape is one large chunk that changes with its releases alone.
    chunkSizeWarningLimit: 2_000,
    reportCompressedSize: false,
  },
});
