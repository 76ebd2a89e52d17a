import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A real switch takes minutes: `npm run test:pbx`.
    exclude: [...configDefaults.exclude, 'test/pbx/**'],
    // Sockets are real and machines are busy: a test that hangs fails, one that waits for the scheduler does not.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: process.env.OFFHOOK_REPORT
      ? ['default', ['json', { outputFile: process.env.OFFHOOK_REPORT }]]
      : ['default'],
  },
});
