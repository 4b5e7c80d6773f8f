import { readFile, writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { runProcess } from '#core/process.js';
import { ApiModule } from './api.module.js';
import { describeApi } from './openapi-document.js';

const FILE = 'docs/openapi.json';

/** Writes `docs/openapi.json`, or with `--check` fails when it is out of date. Preview mode: nothing is connected. */
await runProcess(async () => {
  const module = ApiModule.with(
    loadConfig([], {}),
    createLogger({ level: 'silent', format: 'json', service: 'openapi' }),
  );
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const text = `${JSON.stringify(describeApi(app), null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    await writeFile(FILE, text);
    return;
  }
  const written = await readFile(FILE, 'utf8').catch(() => '');
  if (written !== text) throw new Error(`${FILE} does not match the API; run "make openapi" and commit it.`);
});
