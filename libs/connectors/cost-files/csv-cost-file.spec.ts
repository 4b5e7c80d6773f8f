import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#core/errors.js';
import type { CostFileOptions } from './cost-file-columns.js';
import type { CostFileCharge } from './cost-file-row.js';
import { readCsvCostFile } from './csv-cost-file.js';

const EXPORT = 'Date,Cost,MeterCategory,BillingCurrency,SubscriptionId,ResourceGroup';
const FOCUS =
  'ChargePeriodStart,BillingPeriodStart,BilledCost,EffectiveCost,BillingCurrency,ProviderName,ServiceName,SubAccountId,ResourceId';

/** Reads a whole file, given as text or bytes, in chunks of the given size. */
async function readAll(content: string | Buffer, options: Partial<CostFileOptions> = {}, chunk = 64 * 1024) {
  const bytes = Buffer.from(content);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const charges: CostFileCharge[] = [];
  const kinds = new Set<string>();
  for await (const batch of readCsvCostFile(Readable.from(chunks), { name: 'actual.csv', ...options })) {
    charges.push(...batch.charges);
    kinds.add(`${batch.source} ${batch.kind}`);
  }
  return {
    charges,
    records: charges.map(({ record: { dimension, ...charge } }) => ({ ...dimension, ...charge })),
    kinds: [...kinds],
  };
}
const records = async (content: string | Buffer, options?: Partial<CostFileOptions>) =>
  (await readAll(content, options)).records;
const lines = (...all: string[]) => `${all.join('\n')}\n`;
const exported = (...rows: string[]) => lines(EXPORT, ...rows);
const refusal = async (content: string | Buffer, options?: Partial<CostFileOptions>) => {
  const error: unknown = await readAll(content, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidInputError);
  return (error as Error).message;
};

describe('a cost file', () => {
  it('is told by its header: FOCUS carries both costs, an export the one its name says', async () => {
    const focus = lines(FOCUS, '2026-04-01,2026-04-01,1,2,USD,AWS,S3,a1,');
    expect((await readAll(focus, { name: 'any.csv' })).kinds).toEqual(['focus-file both']);
    const azure = exported('2026-04-01,1,Storage,USD,s1,g');
    expect((await readAll(azure, { name: '/actual/part_amortized_1.csv' })).kinds).toEqual([
      'azure-export-file amortized',
    ]);
    expect((await readAll(azure, { name: 'ActualCost.csv' })).kinds).toEqual(['azure-export-file actual']);
    expect((await readAll(azure, { name: 'x.csv', kind: 'amortized' })).records[0]).toMatchObject({
      cost: null,
      amortizedCost: '1',
    });
    expect(await refusal(azure, { name: 'x.csv' })).toContain('add --kind actual or --kind amortized');
    expect(await refusal(azure, { name: 'actual-and-amortized.csv' })).toContain('add --kind');
    expect(await refusal('Name,Price\na,1\n')).toContain('actual.csv, line 1: this is neither a FOCUS file');
  });

  it('keeps amounts digit by digit, and every other text as it stands', async () => {
    const amounts = ['1.5E-30', '-0.10', '12345678901234567890.123456789012345678901', '.5'];
    expect(
      (await records(exported(...amounts.map((amount) => `2026-04-01,${amount},Storage,USD,s1,g`)))).map(
        ({ cost }) => cost,
      ),
    ).toEqual(amounts);
    const [signed, exponent] = await records(
      exported('2026-04-01,+1.50,Storage,USD,s1,g', '2026-04-01,+.5e+3,Storage,USD,s1,g'),
    );
    expect([signed?.cost, exponent?.cost]).toEqual(['1.50', '.5e+3']);
    const [first] = await records(lines(EXPORT, '2026-04-01,1,"Say ""hi"", 日本語\nline two",usd,S1,RG-One'));
    expect(first).toMatchObject({
      meterCategory: 'Say "hi", 日本語\nline two',
      currency: 'USD',
      subscriptionId: 's1',
      resourceGroup: 'rg-one',
    });
  });

  it('leaves out the character of no bits, wherever it stands', async () => {
    const header = `${FOCUS},SubAccountName`;
    const { charges } = await readAll(lines(header, '2026-04-01,2026-04-01,1,2,USD,A\0WS,\0,s\x001,R\0,a \0name'));
    expect(charges).toMatchObject([
      {
        subscriptionName: 'a name',
        record: { dimension: { provider: 'AWS', serviceName: null, subscriptionId: 's1', resourceId: 'r' } },
      },
    ]);
  });

  it('is refused for texts that are longer than any real one, counted in bytes', async () => {
    const focus = ({ service = 'S3', id = 'r' }) =>
      lines(FOCUS, `2026-04-01,2026-04-01,1,2,USD,AWS,${service},s1,${id}`);
    expect(await records(focus({ service: 'ü'.repeat(300), id: 'r'.repeat(2_500) }))).toHaveLength(1);
    expect(await refusal(focus({ service: 'ü'.repeat(301) }))).toBe(
      `actual.csv, line 2, column ServiceName: "${'ü'.repeat(100)}"… (301 characters) is not a text of at most 600 bytes.`,
    );
    expect(await refusal(focus({ id: 'r'.repeat(2_501) }))).toContain('line 2, column ResourceId: "rrr');
    // In lower case it is longer.
    expect(await refusal(focus({ id: 'İ'.repeat(1_000) }))).toContain(
      '(1000 characters) is not a text of at most 2500 bytes',
    );
  });

  it('takes empty and unquoted NULL for absent, a quoted "NULL" for a text', async () => {
    const [bare, quoted, empty] = await records(
      exported('2026-04-01,1,NULL,USD,s1,NULL', '2026-04-01,1,"NULL",USD,s1,"NULL"', '2026-04-01,1,"",USD,, '),
    );
    expect(bare).toMatchObject({ meterCategory: null, resourceGroup: null });
    expect(quoted).toMatchObject({ meterCategory: 'NULL', resourceGroup: 'null' });
    expect(empty).toMatchObject({ meterCategory: null, subscriptionId: null, resourceGroup: null });
  });

  it.each([
    ['2026-04-01', '2026-04-01'],
    ['04/01/2026', '2026-04-01'],
    ['4/1/2026', '2026-04-01'],
    ['04/01/2026 00:00:00', '2026-04-01'],
    ['2026-04-01 23:59:59', '2026-04-01'],
    ['2026-04-01T23:59:59Z', '2026-04-01'],
    ['2026-04-01T23:59:59.1234567Z', '2026-04-01'],
    ['2026-04-01T22:00Z', '2026-04-01'],
    ['2026-04-01T23:30:00-05:00', '2026-04-02'],
    ['2026-04-01 00:30:00 +0200', '2026-03-31'],
    ['2026-04-01T00:30:00+00:00', '2026-04-01'],
  ])('reads the day of %s as %s', async (written, day) => {
    expect((await records(exported(`${written},1,Storage,USD,s1,g`)))[0]!.day).toBe(day);
  });

  it.each(['2026-02-30', '13/01/2026', '01.04.2026', '20260401', '2026-04-01T99:00:00Z', '2026-04-01T25:00:00'])(
    'refuses %s as a day',
    async (written) => {
      expect(await refusal(exported(`${written},1,Storage,USD,s1,g`))).toBe(
        `actual.csv, line 2, column Date: "${written}" is not a date as YYYY-MM-DD or MM/DD/YYYY.`,
      );
    },
  );

  it.each([
    '0001-01-01',
    '1999-12-31',
    '2100-01-01',
    '12/31/9999',
    '2000-01-01T00:00:00+01:00',
    '9999-12-31T23:00-05:00',
  ])('refuses %s, which the ledger has no month for', async (written) => {
    expect(await refusal(exported(`${written},1,Storage,USD,s1,g`))).toBe(
      `actual.csv, line 2, column Date: "${written}" is not a day from 2000-01-01 to 2099-12-31.`,
    );
  });

  it('names file, line, column and value of what it cannot read', async () => {
    const good = '2026-04-01,1,"two\nlines",USD,s1,g';
    expect(await refusal(exported(good, '2026-04-01,"1,5",Storage,USD,s1,g'))).toBe(
      'actual.csv, line 4, column Cost: "1,5" is not a decimal number.',
    );
    expect(await refusal(exported(good, '2026-04-01,,Storage,USD,s1,g'))).toBe(
      'actual.csv, line 4, column Cost: nothing is not a value.',
    );
    const long = '9'.repeat(200_000);
    expect(await refusal(exported(good, `2026-04-01,${long},Storage,USD,s1,g`))).toBe(
      `actual.csv, line 4, column Cost: "${long.slice(0, 100)}"… (200000 characters) is not a decimal number of at most 100 characters.`,
    );
    expect(await refusal(exported('2026-04-01,1,Storage,US$,s1,g'))).toContain(
      'column BillingCurrency: "US$" is not a currency code',
    );
    expect(await refusal(exported('2026-04-01,1,Storage'))).toMatch(/actual.csv, line 2: .*6.*3/);
    expect(await refusal(exported('2026-04-01,1,"Storage,USD,s1,g', good))).toMatch(/actual.csv, line \d+: .*[Qq]uot/);
    expect(await refusal(lines('Date,Cost,MeterCategory,Cost', '2026-04-01,1,a,2'))).toBe(
      'actual.csv, line 1: the column Cost stands there twice.',
    );
    expect(await refusal('')).toBe('actual.csv is empty: not even a header line.');
  });

  it('says what to do with text in another encoding', async () => {
    const message = 'actual.csv, line 1: this is text in UTF-16; save the file in UTF-8.';
    for (const text of [exported('2026-04-01,1,Storage,USD,s1,g'), '"Date","Cost"\n']) {
      const plain = Buffer.from(text, 'utf16le');
      const marked = Buffer.from(`\uFEFF${text}`, 'utf16le');
      for (const content of [plain, marked, Buffer.from(plain).swap16(), Buffer.from(marked).swap16()]) {
        expect(await refusal(content)).toBe(message);
        expect(await refusal(gzipSync(content))).toBe(message);
      }
    }
  });

  it.each([
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])('says what to do with columns that are separated by %s', async (name, separator) => {
    const message = `actual.csv, line 1: columns are separated by ${name}; save the file with commas between them and points in its amounts.`;
    const header = EXPORT.split(',');
    expect(await refusal(lines(header.join(separator), '1'))).toBe(message);
    expect(await refusal(lines(header.map((column) => `"${column}"`).join(separator), '1'))).toBe(message);
    expect(await refusal(exported(`2026-04-01,1,"Storage"${separator}USD,s1,g`))).toBe(
      'actual.csv, line 2: there is text behind a closing quote.',
    );
  });

  it('ends at a row too long to be one, instead of reading the file into memory', async () => {
    const endless = function* () {
      yield Buffer.from(`${EXPORT}\n2026-04-01,1,"unclosed`);
      for (let megabytes = 0; megabytes < 64; megabytes += 1) {
        taken += 1;
        yield Buffer.alloc(1024 * 1024, 'x');
      }
    };
    let taken = 0;
    const read = readCsvCostFile(Readable.from(endless()), { name: 'actual.csv' });
    await expect(read.next()).rejects.toThrow(/actual.csv, line 2: .*size/i);
    expect(taken).toBeLessThan(8);
  });

  it('with a header only has no charges', async () => {
    expect((await readAll(`${EXPORT}\n`, { name: 'x.csv' })).charges).toEqual([]);
    expect((await readAll(EXPORT, { name: 'x.csv' })).charges).toEqual([]);
  });

  it('is the same with a byte order mark, CRLF, gzip and however it is cut into chunks', async () => {
    const text = exported('2026-04-01,1,Stórage,USD,s1,g', '2026-04-02,2,"日本,語",USD,s1,g', '');
    const expected = await records(text);
    expect(expected).toHaveLength(2);
    expect(await records(`\uFEFF${text}`)).toEqual(expected);
    expect(await records(text.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(await records(gzipSync(text), { name: 'actual' })).toEqual(expected);
    expect(await records(Buffer.concat([gzipSync(text.slice(0, 90)), gzipSync(text.slice(90))]))).toEqual(expected);
    for (const size of [2, 3, 7]) {
      expect((await readAll(`\uFEFF${text}`, {}, size)).records).toEqual(expected);
      expect((await readAll(gzipSync(text), {}, size)).records).toEqual(expected);
    }
    const zipped = gzipSync(text);
    expect(await refusal(zipped.subarray(0, zipped.length - 12))).toBe(
      'actual.csv: the gzip data is damaged or cut off.',
    );
  });

  it('comes in batches, all of them', async () => {
    const many = Array.from({ length: 12_001 }, (_, index) => `2026-04-01,${index},Storage,USD,s1,g`);
    const sizes: number[] = [];
    const read = readCsvCostFile(Readable.from([Buffer.from(exported(...many))]), { name: 'actual.csv' });
    for await (const { charges } of read) sizes.push(charges.length);
    expect(sizes).toEqual([5_000, 5_000, 2_001]);
  });

  it('of an export belongs to the billing month it states, and shows the meter category as service', async () => {
    const header = `${EXPORT},BillingPeriodStartDate,ServiceName`;
    const { charges } = await readAll(
      lines(header, '03/31/2026,1,Storage,USD,s1,g,04/01/2026,', '03/31/2026,1,Storage,USD,s1,g,,Blob'),
    );
    expect(charges.map(({ billingMonth, record }) => [billingMonth, record.dimension.serviceName])).toEqual([
      ['2026-04-01', 'Storage'],
      ['2026-03-01', 'Blob'],
    ]);
    expect(await refusal(lines(header, '03/31/2026,1,Storage,USD,s1,g,04/01/2036,'))).toContain(
      "near the charge's day 2026-03-31",
    );
  });

  it('is read in the headers that Azure has had: localised, in camel case, of pay-as-you-go', async () => {
    const charge = { day: '2026-04-02', cost: '0.075', meterCategory: 'Storage', currency: 'USD', resourceGroup: 'rg' };
    const german = lines(
      'Abonnement-GUID (SubscriptionGuid),Ressourcengruppe (ResourceGroup),UsageDateTime (UsageDateTime),' +
        'Kategorie der Verbrauchseinheit (MeterCategory),PreTaxCost (PreTaxCost),ServiceName,Currency',
      'S1,RG,2026-04-02,Storage,0.075,Blob,USD',
    );
    expect(await records(german)).toMatchObject([{ ...charge, subscriptionId: 's1', serviceName: 'Blob' }]);
    const modern = lines(
      'billingPeriodStartDate,date,meterCategory,SubscriptionId,resourceGroupName,billingCurrency,costInBillingCurrency,costInUsd,publisherType',
      '04/01/2026,04/02/2026,Storage,S1,RG,USD,0.075,0.08,Azure',
    );
    expect(await records(modern)).toMatchObject([{ ...charge, subscriptionId: 's1', publisher: 'Azure' }]);
    const enrollment = lines(
      'SubscriptionGuid,SubscriptionId,Date,Cost,MeterCategory,BillingCurrency,ResourceGroup,Tags',
      'S1,4711,04/02/2026,0.075,Storage,USD,RG,"""env"": ""prod"",""org"": ""trey"""',
    );
    expect(await records(enrollment)).toMatchObject([{ ...charge, subscriptionId: 's1' }]);
  });

  it('of Azure in FOCUS names the subscription by its id and the resource group in lower case', async () => {
    const id = '9EC51CFD-5ca7-4d76-8101-dd0a4abc5674';
    const resource = `/subscriptions/${id}/resourceGroups/RG-One/providers/Microsoft.Compute/virtualMachines/VM`;
    const [azure, aws] = await records(
      lines(
        FOCUS,
        `2026-04-01,2026-04-01,1,2,USD,Microsoft,VM,/subscriptions/${id},${resource}`,
        '2026-04-01,2026-04-01,-1,0,usd,AWS,S3,51738928782,arn:aws:S3',
      ),
    );
    expect(azure).toMatchObject({
      provider: 'Microsoft',
      subscriptionId: id.toLowerCase(),
      resourceGroup: 'rg-one',
      resourceId: resource.toLowerCase(),
      cost: '1',
      amortizedCost: '2',
    });
    expect(aws).toMatchObject({
      provider: 'AWS',
      subscriptionId: '51738928782',
      resourceGroup: null,
      cost: '-1',
      currency: 'USD',
    });
  });
});
