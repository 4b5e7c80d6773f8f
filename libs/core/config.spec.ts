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
});
