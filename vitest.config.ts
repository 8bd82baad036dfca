import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These take long, or fetch what they need: npm run test:http.
    exclude: ['test/http/whole/**'],
    testTimeout: 30_000,
    // The default keeps one processor free, which of two is half.
    maxWorkers: 2,
    // The catalog is loaded once per worker instead of once per file; no test changes what modules share.
    isolate: false,
  },
});
