import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../scripts/project.js';
import { readCsvCostFile } from './csv-cost-file.js';

const folder = join(projectRoot, '..', 'shared', 'data', 'export-schemas');
const schemas = existsSync(folder) ? readdirSync(folder).filter((name) => /cost_/.test(name)) : [];
if (schemas.length === 0) console.log(`Column sets of Microsoft's exports are not tested: ${folder} is not there.`);

interface Schema {
  translator: { mappings: { source: { name: string; type: string } }[] };
}

/** A value that tells which column it stands in. */
function sample({ name, type }: { name: string; type: string }): string {
  if (type === 'DateTimeOffset') return '2026-04-02T00:00:00Z';
  if (type === 'Decimal') return { BilledCost: '1.5', Cost: '1.5', EffectiveCost: '2.5' }[name] ?? '7';
  return name.endsWith('Currency') ? 'USD' : `the ${name}`;
}

describe.skipIf(schemas.length === 0)('the columns that Microsoft lists', () => {
  it.each(schemas)('in %s are read', async (name) => {
    const { translator } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Schema;
    const columns = translator.mappings.map(({ source }) => source);
    const text = `${columns.map((column) => column.name).join(',')}\r\n${columns.map(sample).join(',')}\r\n`;
    const batches = [];
    for await (const batch of readCsvCostFile(Readable.from([Buffer.from(text)]), { name: 'x.csv', kind: 'actual' }))
      batches.push(batch);
    const isFocus = name.startsWith('focus');
    expect(batches).toMatchObject([{ kind: isFocus ? 'both' : 'actual' }]);
    const { record, billingMonth } = batches[0]!.charges[0]!;
    expect(billingMonth).toBe('2026-04-01');
    expect(record).toEqual({
      day: '2026-04-02',
      dimension: {
        provider: isFocus ? 'the ProviderName' : 'Microsoft',
        billingAccountId: 'the BillingAccountId',
        subscriptionId: isFocus ? 'the subaccountid' : 'the subscriptionid',
        resourceGroup: isFocus ? 'the x_resourcegroupname' : 'the resourcegroup',
        serviceName: isFocus ? 'the ServiceName' : 'the MeterCategory',
        meterCategory: isFocus ? 'the x_SkuMeterCategory' : 'the MeterCategory',
        chargeType: isFocus ? 'the ChargeCategory' : 'the ChargeType',
        pricingModel: isFocus ? 'the PricingCategory' : null,
        publisher: isFocus ? 'the PublisherName' : 'the PublisherType',
        location: isFocus ? 'the regionid' : 'the resourcelocation',
        resourceId: 'the resourceid',
      },
      currency: 'USD',
      cost: '1.5',
      amortizedCost: isFocus ? '2.5' : null,
    });
  });
});
