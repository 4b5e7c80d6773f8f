'use strict';

const tests = '\\.spec\\.ts$|^test/|^vitest\\.config\\.ts$|/testing/';
const shared = '^(libs/core|libs/$1)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle makes the order of module evaluation matter, and no part can be read alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import must lead somewhere: to a file or to a package that package.json names.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages-only',
      comment: 'A package that only another package brings along can vanish with any update.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-dev-packages-in-production',
      comment: 'The image is made without devDependencies. The sandbox and scripts are no part of it.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: `${tests}|^apps/sandbox/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-app-to-app',
      comment: 'Applications talk over HTTP and the database, never by import.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nothing-imports-apps',
      severity: 'error',
      comment: 'Applications are entry points: libraries and migrations must work without them.',
      from: { path: '^(libs|migrations)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'core-imports-nothing-of-ours',
      comment: 'Everything depends on core; core depends on nothing.',
      severity: 'error',
      from: { path: '^libs/core/', pathNot: tests },
      to: { path: '^(apps|libs|migrations|scripts|test)/', pathNot: '^libs/core/' },
    },
    {
      name: 'libs-import-core-only',
      comment: 'Libraries know core and nothing of each other; applications put them together.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: `${tests}|^libs/core/` },
      to: { path: '^(libs|migrations|scripts|test)/', pathNot: shared },
    },
    {
      name: 'rules-are-pure',
      comment: 'A rule is a function of its input: no package, no file, no clock can change a verdict.',
      severity: 'error',
      from: { path: '^libs/rules/', pathNot: tests },
      to: { pathNot: '^libs/(rules|core)/' },
    },
    {
      name: 'sandbox-stands-alone',
      comment: 'The sandbox plays Azure: what it shared with the product would be wrong on both sides at once.',
      severity: 'error',
      from: { path: '^apps/sandbox/', pathNot: tests },
      to: { path: '^(libs/(?!core/)|migrations|scripts)' },
    },
    {
      name: 'product-imports-no-scripts-or-tests',
      comment: 'Scripts and tests are for development machines.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations)/', pathNot: tests },
      to: { path: '^(scripts|test)/|\\.spec\\.ts$' },
    },
    {
      name: 'database-drivers-in-db-only',
      comment: 'SQL lives behind the repositories of libs/db. Scripts and the test harness prepare servers.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `${tests}|^libs/db/` },
      to: { path: 'node_modules/(typeorm|pg|pg-boss|pg-copy-streams|@types/(pg|pg-copy-streams))/' },
    },
    {
      name: 'azure-sdk-in-connectors-only',
      comment: 'Only connectors and the raw store speak to Azure.',
      severity: 'error',
      from: { path: '^(apps|libs|migrations|scripts)/', pathNot: `${tests}|^libs/(connectors|raw-store)/` },
      to: { path: 'node_modules/@azure/' },
    },
    {
      name: 'nest-in-apps-only',
      comment: 'Libraries stay free of the framework, but for the one module file that wires each.',
      severity: 'error',
      from: { path: '^(libs|migrations|scripts)/', pathNot: `${tests}|^libs/[^/]+/[^/]+\\.module\\.ts$` },
      to: { path: 'node_modules/@nestjs/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.data)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6'],
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      // Leads #core/*.js and its siblings to the sources, as in package.json#imports.
      conditionNames: ['azcops-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
