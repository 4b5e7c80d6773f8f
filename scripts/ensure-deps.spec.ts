import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acquireLock, processIdentity, projectRoot } from './project.js';

type Install = (root: string) => Promise<void>;
const { ensureInstalled, splitWords } = createRequire(import.meta.url)(
  join(projectRoot, 'scripts/ensure-deps.cjs'),
) as {
  ensureInstalled(root: string, options: { install: Install; log: () => void }): Promise<boolean>;
  splitWords(line: string): string[];
};

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'azcops-deps-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('installation of dependencies', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-one' };
  const writeJson = (path: string, value: unknown) => writeFileSync(join(root, path), JSON.stringify(value));
  const packages = { 'node_modules/one': entry, 'node_modules/other-platform': { ...entry, optional: true } };
  const install = vi.fn<Install>(async () => {
    mkdirSync(join(root, 'node_modules'), { recursive: true });
  });
  const ensure = () => ensureInstalled(root, { install, log: () => {} });

  beforeEach(() => {
    install.mockClear();
    writeJson('package.json', { dependencies: { one: '1.0.0' } });
    writeJson('package-lock.json', { packages: { '': { dependencies: { one: '1.0.0' } }, ...packages } });
  });

  it('runs npm once, and again when the lock file changes', async () => {
    expect(await ensure()).toBe(true);
    expect(await ensure()).toBe(false);
    writeJson('package-lock.json', { packages: {} });
    expect(await ensure()).toBe(true);
    expect(install).toHaveBeenCalledTimes(2);
  });

  it('tries again after a failed installation', async () => {
    install.mockRejectedValueOnce(new Error('no network'));
    await expect(ensure()).rejects.toThrow('no network');
    expect(await ensure()).toBe(true);
  });

  it('leaves a node_modules alone that npm has just made from this lock file', async () => {
    mkdirSync(join(root, 'node_modules'));
    writeJson('node_modules/.package-lock.json', { packages: { 'node_modules/one': entry } });
    expect(await ensure()).toBe(false);
  });

  it.each([
    ['another version', { 'node_modules/one': { ...entry, version: '0.9.0' } }],
    ['a missing package', {}],
  ])('replaces a node_modules with %s', async (_case, installed) => {
    mkdirSync(join(root, 'node_modules'));
    writeJson('node_modules/.package-lock.json', { packages: installed });
    expect(await ensure()).toBe(true);
  });

  it('lets npm report a package.json that the lock file does not fit', async () => {
    mkdirSync(join(root, 'node_modules'));
    writeJson('node_modules/.package-lock.json', { packages: { 'node_modules/one': entry } });
    writeJson('package.json', { dependencies: { one: '1.0.0', two: '1.0.0' } });
    expect(await ensure()).toBe(true);
  });
});

describe('ARGS of make', () => {
  it.each([
    ['', []],
    ['full  --tenant a', ['full', '--tenant', 'a']],
    [`'a b.csv' "c d" e\\ f ''`, ['a b.csv', 'c d', 'e f', '']],
    [`$(touch x) ; $HOME * "\\$y"`, ['$(touch', 'x)', ';', '$HOME', '*', '$y']],
  ])('splits %j without executing anything', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  it('refuses an open quote', () => {
    expect(() => splitWords("it's")).toThrow(/not closed/);
  });
});

describe('lock', () => {
  const file = () => join(root, 'lock');

  it('is held by one at a time', async () => {
    const first = await acquireLock(file());
    expect((await acquireLock(file(), { wait: false })).holder).toEqual(processIdentity());
    const waiting = acquireLock(file());
    first.release!();
    (await waiting).release!();
    expect(existsSync(file())).toBe(false);
  });

  it.each([
    ['a process that is gone', () => ({ pid: spawnSync(process.execPath, ['-v']).pid })],
    ['an earlier process with a pid that lives again', () => ({ pid: process.pid, startTicks: '1' })],
  ])('is taken from %s', async (_case, holder) => {
    writeFileSync(file(), JSON.stringify(holder()));
    const lock = await acquireLock(file(), { wait: false });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release!();
  });

  it('lets many processes in one after the other', async () => {
    writeFileSync(file(), JSON.stringify({ pid: spawnSync(process.execPath, ['-v']).pid }));
    const script = `
      const fs = require('node:fs');
      const { acquireLock } = require(process.argv[1]);
      acquireLock(process.argv[2]).then(async ({ release }) => {
        const seen = fs.readFileSync(process.argv[3], 'utf8');
        await new Promise((resolve) => setTimeout(resolve, 20));
        fs.writeFileSync(process.argv[3], seen + 'x');
        release();
      });`;
    const counter = join(root, 'counter');
    writeFileSync(counter, '');
    const args = ['-e', script, join(projectRoot, 'scripts/process-lock.cjs'), file(), counter];
    await Promise.all(
      Array.from(
        { length: 5 },
        () => new Promise((resolve) => spawn(process.execPath, args, { stdio: 'inherit' }).once('exit', resolve)),
      ),
    );
    expect(readFileSync(counter, 'utf8')).toBe('xxxxx');
  });
});
