import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Reads a JSON file; null when it is absent or unreadable as JSON. */
export function readJsonFile<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces a file in one step, readable by its owner alone: it may hold secrets, and others may read it meanwhile. */
export function writePrivateFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content, { mode: 0o600 });
    // One command run as root must not lock the owner of the data directory out.
    const before = process.getuid?.() === 0 ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (before) chownSync(draft, before.uid, before.gid);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Replaces a JSON file in one step, readable by its owner alone. */
export function writeJsonFile(file: string, value: unknown): void {
  writePrivateFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
