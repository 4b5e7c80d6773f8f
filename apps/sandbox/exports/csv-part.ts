import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Day } from '#core/day.js';
import type { ChargeSource } from '../cost-management/charge.js';
import { formatAmount } from '../estate/amount.js';
import type { AmountField, ExportDialect } from './export-columns.js';
import type { ExportRow } from './export-rows.js';
import type { PartWriter } from './part-writer.js';

const CHUNK_CHARACTERS = 256 * 1024;

/** Texts of a line around what changes with the day: one more than there are of these. */
type Template = readonly string[];

/** Opens a CSV part, with a byte order mark and CRLF as Cost Management writes them; gzipped when asked to. */
export function openCsvPart(file: string, dialect: ExportDialect, isCompressed: boolean): PartWriter {
  const { columns, writeDay } = dialect;
  const target = createWriteStream(file);
  const zip = isCompressed ? createGzip({ level: 1 }) : null;
  const sink = zip ?? target;
  const written = zip ? pipeline(zip, target) : finished(target);
  // Heard when the next chunk or the end is waited for.
  written.catch(() => undefined);
  const varying = columns.flatMap((column) => (column.kind === 'text' ? [] : [column]));
  const templates = new WeakMap<ChargeSource, Template>();
  const writtenDays = new Map<Day, (string | null)[]>();
  let chunk = `\uFEFF${columns.map(({ name }) => name).join(',')}\r\n`;

  const templateOf = (source: ChargeSource): Template => {
    const known = templates.get(source);
    if (known) return known;
    const texts = [''];
    for (const [index, column] of columns.entries()) {
      if (index > 0) texts[texts.length - 1] += ',';
      if (column.kind === 'text') texts[texts.length - 1] += quote(column.of(source));
      else texts.push('');
    }
    texts[texts.length - 1] += '\r\n';
    templates.set(source, texts);
    return texts;
  };
  const daysOf = (day: Day): (string | null)[] => {
    let known = writtenDays.get(day);
    if (!known) {
      known = varying.map((column) => (column.kind === 'day' ? writeDay(column.of(day)) : null));
      writtenDays.set(day, known);
    }
    return known;
  };
  const flush = async (): Promise<void> => {
    const full = chunk;
    chunk = '';
    if (!sink.write(full)) await once(sink, 'drain');
  };

  return {
    async add(row: ExportRow) {
      const texts = templateOf(row.source);
      const days = daysOf(row.day);
      const amounts: Record<AmountField, string> = {
        billed: formatAmount(row.billed),
        effective: row.effective === row.billed ? '' : formatAmount(row.effective),
        quantity: formatAmount(row.quantity),
      };
      amounts.effective ||= amounts.billed;
      let line = texts[0]!;
      for (const [index, column] of varying.entries()) {
        line += column.kind === 'amount' ? amounts[column.field] : days[index]!;
        line += texts[index + 1]!;
      }
      chunk += line;
      if (chunk.length >= CHUNK_CHARACTERS) await flush();
    },
    async close() {
      await flush();
      sink.end();
      await written;
    },
  };
}

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
