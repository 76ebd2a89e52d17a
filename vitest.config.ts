import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A real switch takes minutes: `npm run test:pbx`.
    exclude: [...configDefaults.exclude, 'test/pbx/**'],
  },
});
