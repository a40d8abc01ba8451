import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

import { licences } from './scripts/licences';
import { coloursForOldBrowsers } from './scripts/old_colours';

const backend = process.env.PARLEY_URL ?? 'http://localhost:5000';
const own = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The page is served with a strict Content-Security-Policy: nothing inline, so small assets stay files and the module preload polyfill (an inline idea) is not needed.
export default defineConfig({
    plugins: [react(), licences(['@fontsource-variable/figtree', 'emojibase-data'])],
    resolve: {
        alias: {
            // Radix locks scrolling with a <style> it injects, which the policy forbids; the dialogs' overlay does it in CSS instead.
            'react-remove-scroll': own('src/platform/no_scroll_lock.tsx'),
        },
    },
    css: { postcss: { plugins: [coloursForOldBrowsers()] } },
    build: {
        target: 'es2020',
        minify: 'terser',
        terserOptions: { compress: { ecma: 2020 } },
        outDir: 'dist',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: true,
        chunkSizeWarningLimit: 600,
    },
    server: {
        proxy: {
            '/api': { target: backend },
            '/socket.io': { target: backend, ws: true },
        },
    },
    test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
});
