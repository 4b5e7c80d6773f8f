import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ChildFailure } from './child-process.js';
import { prepareEnvironment } from './environment.js';
import { projectRoot } from './project.js';

/** Runs a compiled script in the foreground, passes signals on once, and answers how it ended as an exit code. */
export async function runInForeground(script: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [join(projectRoot, script), ...args], {
    stdio: 'inherit',
    env,
    detached: true,
  });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

/** Runs an ingestion command on what is there, starting and stopping what misses; sets this process's exit code. */
export async function runIngestionCommand(args: string[]): Promise<void> {
  try {
    const environment = await prepareEnvironment({ azure: true, log: console.error, mirror: console.error });
    try {
      process.exitCode = await runInForeground('dist/apps/ingestion/main.js', args, environment.variables('worker'));
    } finally {
      await environment.stop();
    }
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = (error instanceof ChildFailure && error.exitCode) || 1;
  }
}
