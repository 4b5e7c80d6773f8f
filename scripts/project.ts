import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

function findProjectRoot(): string {
  // Sources lie one level below the root, their compiled form in dist/ two.
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Absolute path of the repository. */
export const projectRoot = findProjectRoot();

/** Absolute path of `AZCOPS_DATA_DIR`, by default `.data` in the repository. */
export function resolveDataDir(env: NodeJS.ProcessEnv = process.env): string {
  return env['AZCOPS_DATA_DIR']?.trim() ? resolve(env['AZCOPS_DATA_DIR'].trim()) : join(projectRoot, '.data');
}

/** Names a process so that a later one with the same pid is told apart. */
export interface ProcessIdentity {
  pid: number;
  startTicks?: string;
}

interface ProcessLock {
  acquireLock(
    file: string,
    options?: { wait?: boolean; onWait?: (holder: ProcessIdentity) => void },
  ): Promise<{ release?: () => void; holder?: ProcessIdentity }>;
  isRunning(identity: ProcessIdentity): boolean;
  processIdentity(pid?: number): ProcessIdentity;
}

// The bootstrap needs the same locks before TypeScript is installed, so they are written in CommonJS.
export const { acquireLock, isRunning, processIdentity } = createRequire(import.meta.url)(
  join(projectRoot, 'scripts', 'process-lock.cjs'),
) as ProcessLock;
