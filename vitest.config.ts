/**
 * Tests run against the sources; those under test/e2e and the package's own tests start the built program. Three at a time: they start real servers, and mostly wait.
 * The time limits are for what hangs: a slow and busy machine may take ten times as long as a good one. Budgets stand in the tests themselves.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    maxWorkers: 3,
    allowOnly: false,
  },
});
