import { describe, expect, it } from 'vitest';
import { checkHealth, startedAs } from './health.command.js';

describe('health', () => {
  it.each([
    ['node /app/dist/apps/azcops/main.js api', 'api'],
    ['node /app/dist/apps/azcops/main.js ingestion', 'worker'],
    ['node /app/dist/apps/azcops/main.js ingestion worker', 'worker'],
    ['node /app/dist/apps/azcops/main.js ingestion full --tenant x', 'full'],
    ['node /app/dist/apps/azcops/main.js migrate', 'migrate'],
    ['/sbin/docker-init -- node /app/dist/apps/azcops/main.js api', 'api'],
  ])('knows from %j what runs', (commandLine, name) => {
    expect(startedAs(`${commandLine.replaceAll(' ', '\0')}\0`)).toBe(name);
  });

  it('has no complaint about a command, which ends by itself', async () => {
    expect(await checkHealth(['migrate'])).toBe(0);
  });
});
