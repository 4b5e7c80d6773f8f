import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.js';

const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: projectRoot, encoding: 'utf8' }).trim().split('\n');

it('every link from one of our pages to another file leads somewhere', () => {
  const dead = pages.flatMap((page) => {
    const text = readFileSync(join(projectRoot, page), 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!.split('#')[0]!)
      .filter((target) => target && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(projectRoot, dirname(page), decodeURI(target))))
      .map((target) => `${page}: ${target}`);
  });
  expect(dead).toEqual([]);
});
