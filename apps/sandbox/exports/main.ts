import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addMonths, dayOf, isDay, monthStart } from '#core/day.js';
import { ChargeGenerator } from '../cost-management/charge-generator.js';
import { ChargeOverrides } from '../cost-management/charge-overrides.js';
import { Estate } from '../estate/estate.js';
import { ResourceGenerator } from '../estate/resource-generator.js';
import { EXPORT_TYPES } from './export-rows.js';
import { EXPORT_FORMATS, writeExport } from './export-writer.js';

const USAGE = `usage: exports/main.js --folder DIR [--name daily] [--type ${EXPORT_TYPES.join('|')}] [--month YYYY-MM]
  [--format ${EXPORT_FORMATS.join('|')}] [--partition-rows 500000] [--seed 1] [--subscriptions 3] [--resources 200]`;

/** Writes one run of an export of an estate into a local folder; the same every time. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      name: { type: 'string', default: 'daily' },
      type: { type: 'string', default: 'FocusCost' },
      month: { type: 'string', default: addMonths(dayOf(new Date()), -1).slice(0, 7) },
      format: { type: 'string', default: 'csv' },
      'partition-rows': { type: 'string', default: '500000' },
      seed: { type: 'string', default: '1' },
      subscriptions: { type: 'string', default: '3' },
      resources: { type: 'string', default: '200' },
    },
  });
  const type = EXPORT_TYPES.find((known) => known === values.type);
  const format = EXPORT_FORMATS.find((known) => known === values.format);
  const month = `${values.month}-01`;
  const [seed, subscriptions, resources, partitionRows] = [
    values.seed,
    values.subscriptions,
    values.resources,
    values['partition-rows'],
  ].map(Number);
  if (!values.folder || !type || !format || !isDay(month) || !(partitionRows! >= 1) || !(subscriptions! >= 1)) {
    throw new Error(USAGE);
  }
  const size = { seed: seed!, tenants: 1, subscriptions: subscriptions!, resources: resources!, emptySubscriptions: 0 };
  // When the month is closed and nothing of it is an estimate any more.
  const now = new Date(`${addMonths(month, 1).slice(0, 8)}15T00:00:00Z`);
  const overrides = new ChargeOverrides();
  const root = path.resolve(values.folder);
  await mkdir(root, { recursive: true });
  const started = performance.now();
  const written = await writeExport(
    root,
    {
      exportName: values.name,
      type,
      month,
      format,
      partitionRows: partitionRows!,
      directory: 'costs',
      timestamped: false,
    },
    new Estate(size).homeTenant.subscriptions,
    // A generator remembers what it made; one for each subscription forgets it with it.
    (subscription, range, costType) =>
      new ChargeGenerator(new ResourceGenerator(resources!), overrides, monthStart(month)).chargesOf(
        subscription,
        range,
        costType,
        now,
      ),
    now,
  );
  const seconds = Math.round(performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ ...written, seconds })}\n`);
}

await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
