import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{schemas,processors,api,deploy,bench}/**/*.test.ts', '*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two cores: one integration file at a time beside the broker and the engine.
    maxWorkers: 2,
    pool: 'forks',
  },
});
