import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { CsvSplitter } from './csv-splitter.js';

/** Draws that are the same on every run. */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
function split(content: Buffer | string, size = Infinity, want?: number[], distinct?: number[]) {
  const bytes = Buffer.from(content);
  const splitter = new CsvSplitter();
  const rows: { line: number; cells: (string | null)[] }[] = [];
  const take = () => {
    while (splitter.next()) {
      rows.push({ line: splitter.line, cells: [...splitter.cells] });
      if (rows.length === 1 && want) splitter.want(want, splitter.cells.length, distinct);
    }
  };
  for (let at = 0; at < bytes.length; at += size) {
    splitter.add(bytes.subarray(at, at + size));
    take();
  }
  splitter.end();
  take();
  return rows;
}
const cells = (...content: Parameters<typeof split>) => split(...content).map((row) => row.cells);

describe('CSV', () => {
  it('is cut into the cells that another parser finds, however it comes', () => {
    const alphabet = ['a', 'ß', '日', '😀', ' ', ',', '"', '\n', '\r\n', 'NULL', ''];
    for (let seed = 1; seed <= 60; seed += 1) {
      const draw = drawing(seed);
      const table = Array.from({ length: 1 + draw(6) }, () =>
        Array.from({ length: 3 }, () =>
          Array.from({ length: draw(5) }, () => alphabet[draw(alphabet.length)]).join(''),
        ),
      );
      const lineBreak = draw(2) ? '\r\n' : '\n';
      const quoted = (cell: string) => (draw(2) || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
      const text =
        (draw(2) ? '\uFEFF' : '') +
        table.map((row) => row.map(quoted).join(',')).join(lineBreak) +
        (draw(2) ? lineBreak : '');
      const expected = parse(text, {
        bom: true,
        record_delimiter: lineBreak,
        cast: (value, { quoting }) => (value === '' || (value === 'NULL' && !quoting) ? null : value),
      }) as (string | null)[][];
      for (const size of [1, 2, 3, 7, 1000]) expect(cells(text, size), `${seed}, ${size}`).toEqual(expected);
      expect(cells(text, 7, [0, 1, 2], [1]), `${seed}`).toEqual(expected);
    }
  });

  it('gives the same wanted cells, however many others stand between them and however much repeats', () => {
    const values = [
      '',
      'a',
      'a,b',
      'a "b" c',
      'a longer text',
      'a longer text!',
      'ß',
      'NULL',
      '1.5',
      'two\nlines',
      ' ',
    ];
    for (let seed = 1; seed <= 60; seed += 1) {
      const draw = drawing(seed);
      const width = 1 + draw(20);
      const wanted = Array.from({ length: width }, (_, column) => column).filter(() => draw(3) === 0);
      const header = Array.from({ length: width }, (_, column) => `c${column}`);
      const rows = Array.from({ length: 30 }, () => header.map(() => values[draw(draw(2) ? 2 : values.length)]!));
      // Most columns repeat the cell of the row before.
      for (const [index, row] of rows.entries())
        for (const column of header.keys()) if (index > 0 && draw(2)) row[column] = rows[index - 1]![column]!;
      const lineBreak = draw(2) ? '\r\n' : '\n';
      const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
      const text = [header, ...rows].map((row) => row.map(quoted).join(',')).join(lineBreak);
      const expected = rows
        .filter((row) => width > 1 || row[0] !== '')
        .map((row) => wanted.map((column) => (['', 'NULL'].includes(row[column]!) ? null : row[column]!)));
      for (const size of [1, 13, 64, 10_000])
        expect(cells(text, size, wanted).slice(1), `${seed}, ${size}`).toEqual(expected);
    }
  });

  it('gives the wanted cells alone, in the order in which they were asked for', () => {
    expect(cells('a,b,c\n1,"2",3\n4,5,\n', 1, [2, 1])).toEqual([
      ['a', 'b', 'c'],
      ['3', '2'],
      [null, '5'],
    ]);
  });

  it('knows the line of each row, blank ones and those within quotes counted', () => {
    expect(split('a,b\n\n"1\n\n2",3\r\n\r\n4,5').map(({ line }) => line)).toEqual([1, 3, 7]);
  });

  it.each([
    ['more columns', 'a,b\n1,2\n1,2,3\n', 3, 'the header has 2 columns, this row 3'],
    ['fewer columns', 'a,b\n1\n', 2, 'the header has 2 columns, this row 1'],
    ['a quote that is not closed', 'a,b\n1,"2\n3,4\n', 2, 'a quote is not closed'],
    ['text behind a quote', 'a,b\n1,"2"3\n', 2, 'there is text behind a closing quote'],
    ['a quote within a cell', 'a,b\n1,2"3\n', 2, 'there is a quote in a cell that does not begin with one'],
  ])('is refused with %s', (_, text, line, message) => {
    for (const size of [1, 1000])
      expect(() => split(text, size, [0, 1])).toThrow(expect.objectContaining({ line, message }) as Error);
  });
});
