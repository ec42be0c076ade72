import { defineConfig } from 'vitest/config';

const real = { testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.mjs'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
        },
      },
      { test: { name: 'corpus', include: ['test/corpus/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['src/**/*.integration.test.ts', 'test/conformance/**/*.test.ts'],
          ...real,
        },
      },
      { test: { name: 'acceptance', include: ['test/acceptance/**/*.test.ts'], ...real } },
      {
        test: {
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          ...real,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
