/** Tests run against the sources; those under test/e2e and the package's own tests start the built program. Three at a time: they start real servers, and mostly wait. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    maxWorkers: 3,
    allowOnly: false,
  },
});
