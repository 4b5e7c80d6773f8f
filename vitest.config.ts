import { defineConfig } from 'vitest/config';
import { projectRoot } from './scripts/project.js';

const folders = '{apps,libs,migrations,scripts,test}/**';

// Sources import each other by package.json#imports; the first condition leads to TypeScript instead of dist/.
const conditions = ['azcops-source', 'node', 'module', 'development|production'];

/** Only `make bench` has it: benchmarks take minutes. */
const bench = {
  extends: true as const,
  test: {
    name: 'bench',
    include: ['test/bench/*.bench.ts'],
    globalSetup: ['./test/harness/global-setup.ts'],
    maxWorkers: 1,
    disableConsoleIntercept: true,
  },
};

export default defineConfig({
  root: projectRoot,
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    // One process per core for all files: importing Nest and TypeORM again for every file costs most of the time.
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/harness/summary-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${folders}/*.spec.ts`],
          exclude: ['**/*.{int,e2e}.spec.ts', 'test/e2e/**'],
        },
      },
      {
        extends: true,
        test: {
          // Only these pay for the database and the build.
          name: 'integration',
          include: [`${folders}/*.{int,e2e}.spec.ts`, 'test/e2e/**/*.spec.ts'],
          globalSetup: ['./test/harness/global-setup.ts'],
        },
      },
      ...(process.env['AZCOPS_BENCH'] ? [bench] : []),
    ],
  },
});
