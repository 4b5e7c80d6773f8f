import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './config.js';

describe('configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'azcops-config-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('takes values from the files that *_FILE variables name', () => {
    const url = 'postgresql://api:secret@db.example/azcops';
    const config = loadConfig(['database'], {
      DATABASE_URL_FILE: file('url', `${url}\n`),
      AZURE_CLIENT_ID: 'reader',
      AZURE_CLIENT_SECRET_FILE: file('secret', 'of the reader'),
      AZURE_CREDENTIAL_CONTOSO_CLIENT_SECRET_FILE: file('contoso', 'of Contoso'),
      // A variable of its own, whose value is the path.
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
      AZURE_CREDENTIAL_FABRIKAM_FEDERATED_TOKEN_FILE: '/var/run/fabrikam',
    });
    expect(config.databaseUrl).toBe(url);
    expect(config.azure.credentials).toEqual({
      default: { clientId: 'reader', clientSecret: 'of the reader', federatedTokenFile: '/var/run/token' },
      byRef: { CONTOSO: { clientSecret: 'of Contoso' }, FABRIKAM: { federatedTokenFile: '/var/run/fabrikam' } },
    });
  });

  it('names the file that cannot be read, and the variable that is set twice', () => {
    expect(() =>
      loadConfig(['database'], {
        DATABASE_URL_FILE: join(folder, 'absent'),
        LOG_LEVEL: 'info',
        LOG_LEVEL_FILE: file('level', 'debug'),
      }),
    ).toThrow(
      expect.objectContaining({
        problems: [
          'DATABASE_URL_FILE: the file cannot be read (ENOENT)',
          'LOG_LEVEL_FILE: is set together with LOG_LEVEL; set one of them',
        ],
      }),
    );
  });

  it('says that an empty file leaves its variable empty', () => {
    expect(() => loadConfig(['database'], { DATABASE_URL_FILE: file('empty', '\n') })).toThrow(
      'DATABASE_URL: is empty',
    );
  });

  it.each([
    [{}, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'parentbased_always_on 1'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, 'parentbased_always_on 1'],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      'traceidratio 0.1',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }, null],
  ])('sends traces where OpenTelemetry’s variables ask for it: %o', (env, expected) => {
    const { tracing } = loadConfig([], env);
    expect(tracing && `${tracing.sampler} ${tracing.ratio}`).toBe(expected);
  });

  it('refuses what it cannot do with traces', () => {
    expect(() => loadConfig([], { OTEL_TRACES_EXPORTER: 'jaeger', OTEL_TRACES_SAMPLER_ARG: '2' })).toThrow(
      expect.objectContaining({
        problems: ['OTEL_TRACES_EXPORTER: must be otlp or none', 'OTEL_TRACES_SAMPLER_ARG: must be 0–1'],
      }),
    );
  });
});
