import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RetailPriceRecord } from '#core/records.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import { RetailPriceRepository } from './retail-price.repository.js';
import { addTenant, charge, openTestLogins, publish, type TestLogins } from '../../../test/harness/ledger.js';
import { proof } from '../../../test/harness/ingestion.js';

const price = (retailPrice: string, changes: Partial<RetailPriceRecord> = {}): RetailPriceRecord => ({
  currency: 'EUR',
  region: 'westeurope',
  serviceName: 'Virtual Machines',
  productName: 'Virtual Machines Dsv5 Series',
  skuName: 'D2s v5',
  armSkuName: 'Standard_D2s_v5',
  meterId: 'm',
  meterName: 'D2s v5',
  unitOfMeasure: '1 Hour',
  type: 'Consumption',
  reservationTerm: null,
  tierMinimumUnits: '0',
  retailPrice,
  isPrimaryMeterRegion: true,
  ...changes,
});

describe('list prices', () => {
  let logins: TestLogins;
  let prices: RetailPriceRepository;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    prices = new RetailPriceRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await logins.owner.pool.query('DELETE FROM retail_prices');
  });

  const open = () =>
    prices.openSink({
      tenantId,
      source: 'retail-prices',
      subscriptionId: null,
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(),
    });
  const store = async (records: RetailPriceRecord[], { complete = true, checkpoint = async () => {} } = {}) => {
    const sink = await open();
    await sink.add(records);
    return sink.publish(proof({ complete }), checkpoint);
  };
  const amounts = async (currency: string, ...regions: string[]) =>
    (await prices.ofRegions(currency, regions)).map(({ region, retailPrice }) => `${region} ${retailPrice}`);

  it('come back as they were read, every digit of them', async () => {
    const records = [
      price('0.0000000123456789012345678901', { tierMinimumUnits: '5', armSkuName: null }),
      price('1043', { type: 'Reservation', reservationTerm: '1 Year' }),
    ];
    expect(await store(records)).toEqual({ rows: 2, totals: [] });
    expect(await prices.ofRegions('EUR', ['westeurope'])).toEqual(records);
  });

  it('replace those of their currency and region, and no others', async () => {
    await store([price('1'), price('2', { meterId: 'gone' })]);
    await store([price('3', { currency: 'USD' })]);
    await store([price('4', { region: 'eastus' })]);
    await store([price('5', { region: 'global' })]);
    await store([price('6')]);
    expect(await amounts('EUR', 'westeurope')).toEqual(['global 5', 'westeurope 6']);
    expect(await amounts('EUR', 'westeurope', 'eastus')).toEqual(['eastus 4', 'global 5', 'westeurope 6']);
    expect(await amounts('USD', 'westeurope')).toEqual(['westeurope 3']);
  });

  it('stay as they were when a read was not whole, or its checkpoint is refused', async () => {
    await store([price('1')]);
    expect(await store([price('2')], { complete: false })).toEqual({ rows: 0, totals: [] });
    const refused = store([price('3')], { checkpoint: () => Promise.reject(new Error('fenced')) });
    await expect(refused).rejects.toThrow('fenced');
    expect(await amounts('EUR', 'westeurope')).toEqual(['westeurope 1']);
  });

  it('are replaced by one of two workers after the other, never by both at once', async () => {
    await store([price('1')]);
    await Promise.all(Array.from({ length: 4 }, (_, index) => store([price(`${index}.5`), price(`${index}.5`)])));
    const [first, ...others] = await amounts('EUR', 'westeurope');
    expect(others).toEqual([first]);
  });

  it('are read by every tenant, and written by workers alone', async () => {
    await store([price('1')]);
    expect(await new RetailPriceRepository(logins.api).ofRegions('EUR', ['westeurope'])).toHaveLength(1);
    await expect(logins.api.pool.query('DELETE FROM retail_prices')).rejects.toThrow(/permission denied/);
    await expect(logins.worker.pool.query('UPDATE retail_prices SET retail_price = 0')).rejects.toThrow(
      /permission denied/,
    );
  });

  it('are wanted in the currencies that a tenant has costs in', async () => {
    const other = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    const ledger = new CostLedger(logins.worker);
    await publish(ledger, {
      tenantId,
      charges: [charge({ cost: '1' }), charge({ cost: '1', currency: 'EUR', resourceId: '/vm/2' })],
    });
    await publish(ledger, { tenantId: other, charges: [charge({ cost: '1', currency: 'SEK' })] });
    expect(await prices.currenciesOf(tenantId)).toEqual(['EUR', 'USD']);
    expect(await prices.currenciesOf(other)).toEqual(['SEK']);
    expect(await prices.currenciesOf(await addTenant(logins.owner, 'without'))).toEqual([]);
  });
});
