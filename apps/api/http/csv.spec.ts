import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '#core/logger.js';
import { CsvFiles, csvLine, prefersCsv } from './csv.js';

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

describe('CsvFiles', () => {
  interface Row {
    name: string;
    hidden: string;
  }
  const PARTS = 50;
  const WIDE = 'x'.repeat(200);
  const ofParts = (parts = PARTS, failAt = Infinity) => {
    const read = { parts: 0, ended: false };
    async function* rows(): AsyncGenerator<Row[], void> {
      try {
        for (let index = 0; index < parts; index += 1) {
          if (index === failAt) throw new Error('connection lost');
          read.parts += 1;
          yield Array.from({ length: 1_000 }, (_, row) => ({ name: `${index}-${row} ${WIDE}`, hidden: 'secret' }));
        }
      } finally {
        read.ended = true;
      }
    }
    return { read, rows: rows() };
  };
  const logged: unknown[] = [];
  const logger = { error: (about: object) => logged.push(about) } as unknown as Logger;
  const responseTo = (method = 'GET') => ({ req: { method } }) as ServerResponse;
  const open = async (
    { read, rows }: ReturnType<typeof ofParts>,
    { files = new CsvFiles(logger), query = {}, response = responseTo() } = {},
  ) => {
    const file = await files.answer<Row>(response, {
      correlationId: 'correlation-1',
      name: 'x.csv',
      columns: ['name'],
      query,
      rows,
    });
    return { read, stream: file.getStream() as Readable };
  };
  const turns = async () => {
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  };
  beforeEach(() => void (logged.length = 0));

  it('write every part', async () => {
    const { read, stream } = await open(ofParts());
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const lines = text.split('\r\n');
    expect(lines).toHaveLength(PARTS * 1_000 + 2);
    expect([lines[0], lines[1]?.slice(0, 4), lines.at(-2)?.slice(0, 7), lines.at(-1)]).toEqual([
      'name',
      '0-0 ',
      '49-999 ',
      '',
    ]);
    expect(read).toEqual({ parts: PARTS, ended: true });
    expect(logged).toEqual([]);
  });

  it('read no further than their reader, and stop when it goes', async () => {
    const { read, stream } = await open(ofParts());
    const reader = stream[Symbol.asyncIterator]();
    for (let chunk = 0; chunk < 5; chunk += 1) {
      await reader.next();
      await turns();
    }
    expect(read.parts).toBeGreaterThan(2);
    expect(read.parts).toBeLessThan(10);
    stream.destroy();
    const { parts } = read;
    await turns();
    expect(read).toEqual({ parts, ended: true });
    expect(logged).toEqual([]);
  });

  it('fail at once when the first part fails, and cut the stream when a later one does', async () => {
    await expect(open(ofParts(PARTS, 0))).rejects.toThrow('connection lost');
    const { read, stream } = await open(ofParts(PARTS, 3));
    await expect(async () => {
      for await (const chunk of stream) void chunk;
    }).rejects.toThrow('connection lost');
    expect(read.ended).toBe(true);
    expect(logged).toMatchObject([{ correlation_id: 'correlation-1', err: { message: 'connection lost' } }]);
  });

  it('write the header even when there is nothing else', async () => {
    const { stream } = await open(ofParts(0));
    expect((await stream.toArray()).join('')).toBe('name\r\n');
  });

  it('refuse paging, and read nothing then', async () => {
    const parts = ofParts();
    await expect(open(parts, { query: { page: 1, page_size: 5, cursor: 'x' } })).rejects.toMatchObject({
      status: 400,
      fields: [{ field: 'page' }, { field: 'page_size' }, { field: 'cursor' }],
    });
    expect(parts.read.parts).toBe(0);
  });

  it('read nothing for HEAD', async () => {
    const { read, stream } = await open(ofParts(), { response: responseTo('HEAD') });
    expect(await stream.toArray()).toEqual([]);
    expect(read.parts).toBe(0);
  });

  it('are a few at once; one that ends, fails or is left makes room', async () => {
    const files = new CsvFiles(logger, { atOnce: 2 });
    const [one, two] = [await open(ofParts(), { files }), await open(ofParts(1), { files })];
    const refused = ofParts();
    await expect(open(refused, { files })).rejects.toMatchObject({
      status: 503,
      code: 'overloaded',
      message: expect.stringContaining('Try again'),
    });
    expect(refused.read.parts).toBe(0);
    await two.stream.toArray();
    await turns();
    const three = await open(ofParts(PARTS, 2), { files });
    await expect(three.stream.toArray()).rejects.toThrow('connection lost');
    await turns();
    await expect(open(ofParts(PARTS, 0), { files })).rejects.toThrow('connection lost');
    one.stream.destroy();
    await turns();
    for (let more = 0; more < 2; more += 1) await open(ofParts(), { files });
    await expect(open(ofParts(), { files })).rejects.toThrow('Try again');
  });

  it('are cut after the longest time, and soon after the process is told to stop', async () => {
    const late = await open(ofParts(), { files: new CsvFiles(logger, { longestMs: 10 }) });
    await expect(finished(late.stream)).rejects.toThrow('not taken within 10 ms');
    expect(late.read.ended).toBe(true);
    const files = new CsvFiles(logger, { drainMs: 10 });
    const last = await open(ofParts(), { files });
    files.onModuleDestroy();
    await expect(finished(last.stream)).rejects.toThrow('stopping');
    expect(last.read.ended).toBe(true);
  });
});
