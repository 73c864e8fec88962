import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{schemas,processors,api,deploy,bench}/**/*.test.ts', '*.test.ts'],
    // One real Kafka and registry for the whole run, started when a test first asks for them.
    globalSetup: ['processors/testing/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Two cores: one integration file at a time beside the broker and the engine.
    maxWorkers: 2,
    pool: 'forks',
  },
});
