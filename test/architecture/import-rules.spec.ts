import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.js';

/** A file that breaks a rule: its path, what it imports, and the rule that must report it. */
const wrong: [path: string, specifier: string, rule: string][] = [
  ['libs/core/reaches-out.ts', '#db/innocent.js', 'core-imports-nothing-of-ours'],
  ['libs/connectors/knows-db.ts', '#db/innocent.js', 'libs-import-core-only'],
  ['libs/db/knows-connectors.ts', '../connectors/innocent.js', 'libs-import-core-only'],
  ['libs/db/knows-migrations.ts', '#migrations/innocent.js', 'libs-import-core-only'],
  ['libs/db/knows-app.ts', '../../apps/api/innocent.js', 'nothing-imports-apps'],
  ['apps/api/knows-ingestion.ts', '../ingestion/innocent.js', 'no-app-to-app'],
  ['libs/delivery/knows-db.ts', '#db/innocent.js', 'libs-import-core-only'],
  ['libs/rules/knows-db.ts', '#db/innocent.js', 'libs-import-core-only'],
  ['libs/rules/reads-files.ts', 'node:fs', 'rules-are-pure'],
  ['libs/rules/uses-package.ts', 'zod', 'rules-are-pure'],
  ['apps/sandbox/knows-connectors.ts', '#connectors/innocent.js', 'sandbox-stands-alone'],
  ['apps/api/uses-driver.ts', 'pg', 'database-drivers-in-db-only'],
  ['libs/connectors/uses-orm.ts', 'typeorm', 'database-drivers-in-db-only'],
  ['apps/api/speaks-azure.ts', '@azure/identity', 'azure-sdk-in-connectors-only'],
  ['libs/db/speaks-azure.ts', '@azure/identity', 'azure-sdk-in-connectors-only'],
  ['libs/raw-store/uses-nest.ts', '@nestjs/common', 'nest-in-apps-only'],
  ['apps/ingestion/uses-scripts.ts', '../../scripts/innocent.js', 'product-imports-no-scripts-or-tests'],
  ['apps/api/uses-dev-package.ts', 'selfsigned', 'no-dev-packages-in-production'],
  ['apps/api/leads-nowhere.ts', './absent.js', 'resolvable'],
  ['libs/core/circle-one.ts', './circle-two.js', 'no-cycles'],
];

const right: [path: string, specifier: string][] = [
  ['apps/api/right-db.ts', '#db/innocent.js'],
  ['apps/api/right-rules.ts', '../../libs/rules/innocent.js'],
  ['apps/ingestion/right-delivery.ts', '#delivery/innocent.js'],
  ['libs/delivery/right-core.ts', '#core/innocent.js'],
  ['libs/rules/right-core.ts', '#core/innocent.js'],
  ['libs/rules/right.spec.ts', 'vitest'],
  ['apps/sandbox/right-certificate.ts', 'selfsigned'],
  ['libs/db/right-core.ts', '#core/innocent.js'],
  ['libs/db/right-driver.ts', 'pg'],
  ['libs/db/right.module.ts', '@nestjs/common'],
  ['libs/connectors/right-azure.ts', '@azure/identity'],
  ['libs/connectors/right.spec.ts', '#raw-store/innocent.js'],
  ['migrations/right-db.ts', '#db/innocent.js'],
];

describe('import rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'azcops-imports-'));
  const found = new Set<string>();

  beforeAll(() => {
    for (const file of ['package.json', 'tsconfig.json']) copyFileSync(join(projectRoot, file), join(root, file));
    symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    const folders = [
      'apps/api',
      'apps/ingestion',
      'libs/core',
      'libs/connectors',
      'libs/db',
      'libs/delivery',
      'libs/raw-store',
      'libs/rules',
      'migrations',
      'scripts',
    ];
    for (const folder of folders) write(`${folder}/innocent.ts`, 'export {};\n');
    for (const [path, specifier] of [...wrong, ...right]) write(path, `import '${specifier}';\nexport {};\n`);
    write('libs/core/circle-two.ts', "import './circle-one.js';\n");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(projectRoot, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        ...[
          '--config',
          join(projectRoot, '.dependency-cruiser.cjs'),
          '--output-type',
          'json',
          'apps',
          'libs',
          'migrations',
          'scripts',
        ],
      ],
      { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    if (!stdout) throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
    for (const { from, rule } of summary.violations) found.add(`${from}: ${rule.name}`);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  it.each(wrong)('reports %s importing %s as %s', (path, _specifier, rule) => {
    expect([...found]).toContain(`${path}: ${rule}`);
  });

  it.each(right)('lets %s import %s', (path) => {
    expect([...found].filter((entry) => entry.startsWith(`${path}:`))).toEqual([]);
  });
});
