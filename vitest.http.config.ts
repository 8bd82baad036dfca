import { defineConfig } from 'vitest/config';

/** What npm run test:http runs: everything about the team server, with real parts. */
export default defineConfig({
  test: {
    include: ['test/http/**/*.test.ts', 'test/trust/rights.test.ts', 'test/trust/audit-log.test.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    isolate: false,
  },
});
