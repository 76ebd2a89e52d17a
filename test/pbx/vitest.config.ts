import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LANES } from './live/settings.ts';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/pbx/**/*.test.ts'],
    maxConcurrency: LANES,
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
    reporters: process.env['OFFHOOK_REPORT']
      ? ['default', ['json', { outputFile: process.env['OFFHOOK_REPORT'] }]]
      : ['default'],
  },
});
