import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/examples/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  moduleNameMapper: {
    '^healthd/plugin$': '<rootDir>/src/plugin/index.ts',
    '^healthd/testing$': '<rootDir>/src/testing.ts',
  },
  injectGlobals: false,
  coverageProvider: 'v8',
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  testTimeout: 20_000,
  setupFilesAfterEnv: process.env.CI ? ['<rootDir>/scripts/try-twice.mjs'] : [],
  reporters: process.env.CI ? ['default', '<rootDir>/scripts/slowest-suites.mjs'] : ['default'],
  // Most tests wait for something: more workers than processors.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
