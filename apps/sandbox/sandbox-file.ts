import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Day, addDays, isDay } from '#core/day.js';

/** Writes a file so that a reader sees the old content or the new, and never a part; readable by its owner only. */
export async function writeFileAtomically(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, file);
}

/**
 * The day the estate's cost history starts: `days` before the first start with this seed. It is kept in `folder`, so
 * that a history once ingested does not lose its oldest days when the sandbox is started again later.
 */
export async function historyStart(folder: string, seed: number, days: number, today: Day): Promise<Day> {
  const file = path.join(folder, 'history.json');
  const kept = await readKept(file);
  if (kept?.seed === seed && kept.days === days && kept.from <= addDays(today, -days)) return kept.from;
  const from = addDays(today, -days);
  await writeFileAtomically(file, JSON.stringify({ seed, days, from }));
  return from;
}

async function readKept(file: string): Promise<{ seed: number; days: number; from: Day } | undefined> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as { seed: number; days: number; from: Day };
    return isDay(value.from) ? value : undefined;
  } catch {
    // No file yet, or one from a crash before it was complete: the history starts anew.
    return undefined;
  }
}
