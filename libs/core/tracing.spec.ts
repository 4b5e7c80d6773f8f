import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startTracing, stopTracing, traced, traceId, type TraceSampling } from './tracing.js';

/** A receiver of OTLP/HTTP that keeps what it is sent; one that is `deaf` never answers. */
async function receiver(deaf = false): Promise<{ server: Server; url: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    request.on('end', () => deaf || response.setHeader('content-type', 'application/json').end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('traces', () => {
  let server: Server | undefined;
  afterEach(async () => {
    await stopTracing();
    vi.unstubAllEnvs();
    server?.closeAllConnections();
    server?.close();
  });

  const sentBy = async (sampling: TraceSampling) => {
    const to = await receiver();
    ({ server } = to);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', to.url);
    await startTracing('azcops-test', sampling);
    await traced('outer', 'consumer', { id: 'one' }, () =>
      traced('inner', 'client', {}, async (note) => note({ rows: 3 })),
    );
    await stopTracing();
    server.close();
    return to.received.join('');
  };

  it.each<[TraceSampling['sampler'], number, boolean]>([
    ['always_on', 0, true],
    ['always_off', 1, false],
    ['traceidratio', 1, true],
    ['traceidratio', 0, false],
    ['parentbased_always_on', 0, true],
    ['parentbased_always_off', 1, false],
    ['parentbased_traceidratio', 0, false],
  ])('are kept as the sampler says: %s of %d', async (sampler, ratio, isKept) => {
    const sent = await sentBy({ sampler, ratio });
    expect(sent.includes('"outer"') && sent.includes('"inner"')).toBe(isKept);
  });

  it('bear the name that the standard variable gives the service', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'finops-of-contoso');
    const sent = await sentBy({ sampler: 'always_on', ratio: 1 });
    expect(sent).toContain('finops-of-contoso');
    expect(sent).not.toContain('azcops-test');
  });

  it('say that work failed, and let its error through', async () => {
    const to = await receiver();
    ({ server } = to);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', to.url);
    await startTracing('azcops-test', { sampler: 'always_on', ratio: 1 });
    const failing = traced('failing', 'client', {}, async () => {
      expect(traceId()).toMatch(/^[0-9a-f]{32}$/);
      throw new TypeError('with a secret');
    });
    await expect(failing).rejects.toThrow('with a secret');
    await stopTracing();
    expect(to.received.join('')).toContain('"status":{"code":2,"message":"TypeError"}');
    expect(to.received.join('')).not.toContain('with a secret');
  });

  it('do not keep a process whose receiver does not answer', { timeout: 15_000 }, async () => {
    const to = await receiver(true);
    ({ server } = to);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', to.url);
    await startTracing('azcops-test', { sampler: 'always_on', ratio: 1 });
    await traced('unheard', 'client', {}, async () => undefined);
    const from = performance.now();
    await stopTracing();
    expect(to.received.join('')).toContain('unheard');
    expect(performance.now() - from).toBeLessThan(8_000);
  });

  it('are nothing where nobody asked for them', async () => {
    expect(await traced('work', 'client', {}, async () => traceId() ?? 'none')).toBe('none');
  });
});
