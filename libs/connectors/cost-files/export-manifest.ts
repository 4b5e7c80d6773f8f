import { z } from 'zod';
import type { CostAmounts } from '#core/connector.js';
import { addMonths, isDay, monthEnd, monthStart, type Day, type DayRange } from '#core/day.js';
import { InvalidInputError } from '#core/errors.js';

/** One run of a Cost Management export, as its manifest announces it. */
export interface ExportRun {
  /** The ledger's name for the export: `azure-export/<scope>/<name>`, in lower case. */
  source: string;
  exportName: string;
  kind: CostAmounts;
  runId: string;
  submittedAt: Date;
  /** First day of the billing month that the run is about. */
  month: Day;
  days: DayRange;
  parts: readonly ExportPart[];
  /** Of all parts together; null where the manifest does not give them. */
  rows: number | null;
}

/** A file of a run; sizes are null where the manifest does not give them. */
export interface ExportPart {
  /** Without its folder: parts lie beside their manifest, wherever the whole was copied to. */
  name: string;
  bytes: number | null;
  rows: number | null;
}

/** By type of the export, in lower case. */
const KINDS: Readonly<Record<string, CostAmounts>> = {
  focuscost: 'both',
  actualcost: 'actual',
  // The same, of offers and versions that know nothing of reservations' amortization.
  usage: 'actual',
  amortizedcost: 'amortized',
};

const count = z.int().nonnegative().nullish();
// Written with and without a zone; without one it is UTC.
const instant = z
  .string()
  .transform((text) => new Date(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`))
  .refine((at) => !Number.isNaN(at.getTime()), 'is no instant');
const day = z
  .string()
  .transform((text) => text.slice(0, 10))
  .refine(isDay, 'is no date');
// Longer than any real name or id, and short enough for the index of what is published.
const MOST_CHARACTERS = 600;
// Halves of characters and the one of no bits, which JSON can spell.
const text = z
  .string()
  .trim()
  .min(1)
  .max(MOST_CHARACTERS)
  .refine((value) => !value.includes('\0') && value.isWellFormed(), 'holds a character that cannot be stored');

const manifestSchema = z.object({
  exportConfig: z.object({ exportName: text, resourceId: text, type: text }),
  runInfo: z.object({ runId: text, submittedTime: instant, startDate: day, endDate: day }),
  blobCount: count,
  dataRowCount: count,
  blobs: z.array(z.object({ blobName: text, byteCount: count, dataRowCount: count })).nullish(),
});

/** A run that is none of ours; `reason` completes a sentence that begins with its manifest. */
export interface OtherRun {
  reason: string;
}

/**
 * Reads a `manifest.json` of Cost Management. What holds no charges (price sheets, reservations) or cannot replace a month is
 * left out with a reason. Throws `InvalidInputError` that begins with `place` and names every member that is not what it
 * should be.
 */
export function parseManifest(json: string, place: string): ExportRun | OtherRun {
  const { exportConfig, runInfo, blobCount, dataRowCount: rows, blobs } = parse(json, place);
  const kind = KINDS[exportConfig.type.toLowerCase()];
  if (!kind) return { reason: `is of an export of ${exportConfig.type}, which holds no charges` };
  const period = periodOf(runInfo);
  if (!period) {
    const { startDate, endDate } = runInfo;
    return {
      reason:
        `covers ${startDate} to ${endDate}, but only exports of one billing month from its first day on ` +
        '(month to date, last month) can replace a month',
    };
  }
  const parts = (blobs ?? []).map(({ blobName, byteCount, dataRowCount }) => ({
    name: blobName.slice(blobName.lastIndexOf('/') + 1),
    bytes: byteCount ?? null,
    rows: dataRowCount ?? null,
  }));
  // Azure also writes 0 or null where there are blobs.
  if (blobCount && blobCount !== parts.length)
    throw new InvalidInputError(`${place}: it announces ${blobCount} parts and lists ${parts.length}.`);
  if (rows && parts.length === 0)
    throw new InvalidInputError(`${place}: it announces ${rows} rows, but lists no part that holds them.`);
  const twice = parts.find(({ name }, index) => parts.findIndex((part) => part.name === name) !== index);
  if (twice) throw new InvalidInputError(`${place}: the part ${twice.name} is listed twice.`);
  return {
    source: sourceOf(exportConfig),
    exportName: exportConfig.exportName,
    kind,
    runId: runInfo.runId,
    submittedAt: runInfo.submittedTime,
    ...period,
    parts,
    // As with the count of parts, 0 may only mean that nothing is said.
    rows: rows || null,
  };
}

function parse(json: string, place: string): z.infer<typeof manifestSchema> {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    throw new InvalidInputError(`${place}: this is not JSON, or only a part of it.`);
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new InvalidInputError(
    `${place}: this is not the manifest of a Cost Management export (${problems.join('; ')}).`,
  );
}

/** Scope and name identify an export; its resource id also says that it is one. */
function sourceOf({ exportName, resourceId }: { exportName: string; resourceId: string }): string {
  const scope = resourceId.toLowerCase().replace(/\/providers\/microsoft\.costmanagement\/exports\/.*$/, '');
  return ['azure-export', ...scope.split('/').filter(Boolean), exportName.toLowerCase()].join('/');
}

/** A run replaces its billing month, so anything less than one from its first day on would lose the rest of it: null. */
function periodOf({ startDate, endDate }: { startDate: Day; endDate: Day }): { month: Day; days: DayRange } | null {
  const month = monthStart(startDate);
  const last = monthEnd(month);
  const isEndExclusive = endDate === addMonths(month, 1);
  if (startDate !== month || endDate < startDate || (endDate > last && !isEndExclusive)) return null;
  return { month, days: { from: startDate, to: isEndExclusive ? last : endDate } };
}
