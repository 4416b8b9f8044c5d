import { defineConfig, type Plugin } from 'vite';
import { noticesOf, packageFolders } from '../lib/third-party-notices.ts';
import { NOTICES_FILE } from './hosting.ts';

/** Emits the licences of what is bundled, by the bundler's own list of modules. */
function thirdPartyNotices(): Plugin {
  return {
    name: 'third-party-notices',
    apply: 'build',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? Object.keys(one.modules) : []));
      this.emitFile({ type: 'asset', fileName: NOTICES_FILE, source: noticesOf(packageFolders(modules)) });
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // What an address bar holds is not for the bundler to read: the console learns its settings from config.json.
  envPrefix: 'ONECHARGE_CONSOLE_',
  plugins: [thirdPartyNotices()],
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
