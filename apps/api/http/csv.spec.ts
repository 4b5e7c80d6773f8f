import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ListPage, ListRequest } from '#db/list.js';
import { csvFile, csvLine, prefersCsv } from './csv.js';

describe('csvLine', () => {
  it.each([
    [['a', 1, null, undefined, true], 'a,1,,,true'],
    [['', ' '], '"", '],
    [['a,b', 'say "hi"', 'two\nlines', 'cr\rhere'], '"a,b","say ""hi""","two\nlines","cr\rhere"'],
    [['12.34', '-3.1', '-0.0000001', '0'], '12.34,-3.1,-0.0000001,0'],
    [['=1+1', '+1', '-1+1', '@SUM(A1)', '-'], "'=1+1,'+1,'-1+1,'@SUM(A1),'-"],
    [['\t=1', '\r=1', '\n=1'], `'\t=1,"'\r=1","'\n=1"`],
    [['=HYPERLINK("x","y")', '-2+3,4'], `"'=HYPERLINK(""x"",""y"")","'-2+3,4"`],
    [['-1e5', '-1,000', '--1', '-.5'], `'-1e5,"'-1,000",'--1,'-.5`],
    [[{ env: 'prod', 'a"b': '=1' }], '"{""env"":""prod"",""a\\""b"":""=1""}"'],
    [[{}], '{}'],
    [[new Date('2026-03-01T10:00:00Z')], '2026-03-01T10:00:00.000Z'],
    [['ünïcode 💶'], 'ünïcode 💶'],
  ])('writes %j', (cells, line) => expect(csvLine(cells)).toBe(`${line}\r\n`));
});

describe('prefersCsv', () => {
  it.each([
    'text/csv',
    'TEXT/CSV',
    'text/csv; header=present',
    'text/csv, */*;q=0.1',
    'text/csv;q=0.5',
    'application/json;q=0.5, text/csv',
    'text/csv, application/json',
    'text/html, text/csv',
  ])('says yes to %s', (accept) => expect(prefersCsv(accept)).toBe(true));

  it.each([
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'text/html',
    'text/csv;q=0',
    'application/json, text/csv',
    'text/csv;q=0.5, application/json',
    'text/csv;q=nonsense',
    'text/csvx',
    ';,;',
  ])('says no to %s', (accept) => expect(prefersCsv(accept)).toBe(false));
});

describe('csvFile', () => {
  interface Row {
    name: string;
    hidden: string;
  }
  const PAGES = 50;
  const WIDE = 'x'.repeat(200);
  const source = (failAt = Infinity) => {
    const requests: ListRequest[] = [];
    const read = async (request: ListRequest): Promise<ListPage<Row>> => {
      requests.push(request);
      const index = Number(request.cursor ?? 0);
      if (index === failAt) throw new Error('connection lost');
      const items = Array.from({ length: 1_000 }, (_, row) => ({ name: `${index}-${row} ${WIDE}`, hidden: 'secret' }));
      return {
        items,
        page: null,
        pageSize: 1_000,
        total: null,
        nextCursor: index + 1 < PAGES ? String(index + 1) : null,
      };
    };
    return { requests, read };
  };
  const open = async (failAt?: number, query = {}) => {
    const failures: unknown[] = [];
    const { requests, read } = source(failAt);
    const file = await csvFile<Row>({
      name: 'x.csv',
      columns: ['name'],
      query,
      read,
      onFailure: (error) => failures.push(error),
    });
    return { requests, failures, stream: file.getStream(), file };
  };

  it('walks every page by cursor, in the asked order, and counts nothing', async () => {
    const { requests, stream, failures } = await open(undefined, { sort: '-name' });
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(PAGES * 1_000 + 2);
    expect([lines[0], lines[1]?.slice(0, 4), lines.at(-2)?.slice(0, 7), lines.at(-1)]).toEqual([
      'name',
      '0-0 ',
      '49-999 ',
      '',
    ]);
    expect(requests).toHaveLength(PAGES);
    expect(
      requests.every(({ sort, counted, page }) => sort === '-name' && counted === false && page === undefined),
    ).toBe(true);
    expect(failures).toEqual([]);
  });

  it('reads no further than its reader', async () => {
    const { requests, stream } = await open();
    const reader = stream[Symbol.asyncIterator]();
    for (let chunk = 0; chunk < 5; chunk += 1) {
      await reader.next();
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    }
    expect(requests.length).toBeGreaterThan(2);
    expect(requests.length).toBeLessThan(10);
    await reader.return?.();
    const read = requests.length;
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(requests.length).toBe(read);
  });

  it('fails at once when the first page fails, and cuts the stream when a later one does', async () => {
    await expect(open(0)).rejects.toThrow('connection lost');
    const { stream, failures } = await open(3);
    await expect(async () => {
      for await (const chunk of stream) void chunk;
    }).rejects.toThrow('connection lost');
    expect(failures).toHaveLength(1);
  });

  it('writes the header even when there is nothing else', async () => {
    const read = async (): Promise<ListPage<Row>> => ({
      items: [],
      page: 1,
      pageSize: 1_000,
      total: null,
      nextCursor: null,
    });
    const file = await csvFile<Row>({
      name: 'x.csv',
      columns: ['name', 'hidden'],
      query: {},
      read,
      onFailure: () => undefined,
    });
    const chunks = await file.getStream().toArray();
    expect(chunks.join('')).toBe('name,hidden\r\n');
  });

  it('refuses paging', async () => {
    await expect(open(undefined, { page: 1, page_size: 5, cursor: 'x' })).rejects.toMatchObject({
      status: 400,
      fields: [{ field: 'page' }, { field: 'page_size' }, { field: 'cursor' }],
    });
  });
});
