import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures, type TestProcess } from '../harness/processes.js';
import { TestSandbox } from '../harness/sandbox.js';

interface Span {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
}
interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<Span, 'service'>[] }[];
  }[];
}

/** Has a process say which modules of OpenTelemetry it loads, by whatever way. */
const WATCHED = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import { registerHooks } from 'node:module';
     registerHooks({ load(url, context, next) {
       if (url.includes('/@opentelemetry/')) console.error('loaded ' + url);
       return next(url, context);
     } });`,
  )}`,
};
/** Without `@opentelemetry/api`, empty functions that prom-client loads for its exemplars whether they are used or not. */
const loadedBy = ({ lines }: TestProcess) => lines.filter((line) => /^loaded (?!.*@opentelemetry\/api\/)/.test(line));

const SERVER = 2;
const CLIENT = 3;
const CALLER = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };

/** Takes traces as a collector does, OTLP/HTTP with JSON. */
async function collector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')!.value.stringValue!;
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, close: () => server.close() };
}

describe('traces', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let traces: Awaited<ReturnType<typeof collector>>;
  let line: Record<string, unknown>;
  let traced: TestProcess[] = [];
  showLogsOfFailures();
  beforeAll(async () => {
    traces = await collector();
    sandbox = await TestSandbox.start({
      tenants: 1,
      subscriptions: 1,
      resources: 20,
      days: 40,
      now: new Date().toISOString(),
    });
    azcops = await AzCops.open(sandbox, { env: { ...WATCHED, OTEL_EXPORTER_OTLP_ENDPOINT: traces.url } });
    const [api, worker] = await Promise.all([azcops.startApi(), azcops.startWorker()]);
    traced = [api, worker];
    await azcops.register(0);
    await azcops.run({ mode: 'full' });
    await azcops.call('GET', '/api/v1/costs/summary', {
      headers: { traceparent: `00-${CALLER.trace}-${CALLER.span}-01` },
    });
    line = await worker.logged((entry) => entry['msg'] === 'window succeeded');
    // What is left is sent when they stop.
    await Promise.all([api.stop(), worker.stop()]);
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
    traces.close();
  });

  const attributesOf = (span: Span) =>
    Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  const under = (parent: Span) => traces.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);

  it('tell of a request within the caller’s trace, down to the database', () => {
    const served = traces.spans.find(({ name }) => name === 'GET /api/v1/costs/summary')!;
    expect(served).toMatchObject({
      service: 'azcops-api',
      kind: SERVER,
      traceId: CALLER.trace,
      parentSpanId: CALLER.span,
    });
    expect(attributesOf(served)).toMatchObject({
      'http.route': '/api/v1/costs/summary',
      'http.response.status_code': 200,
    });
    expect(under(served).map(({ name, kind }) => `${name} ${kind}`)).toContain(`postgresql read ${CLIENT}`);
  });

  it('tell of a window, and of what it asked Azure and the database', () => {
    const window = traces.spans.find(({ name }) => name === 'window cost-management')!;
    expect(window.service).toBe('azcops-ingestion');
    expect(attributesOf(window)).toMatchObject({ 'azcops.connector': 'cost-management', 'azcops.attempt': 1 });
    const names = under(window).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['azure cost-management', 'postgresql transaction']));
    const asked = under(window).find(({ name }) => name === 'azure cost-management')!;
    // 204 is how Azure says that there are no costs.
    expect(attributesOf(asked)).toMatchObject({ 'http.request.method': 'POST' });
    expect([200, 204]).toContain(Number(attributesOf(asked)['http.response.status_code']));
  });

  it('lead from the call that asked for a run to its windows', () => {
    const asked = traces.spans.find(({ name }) => name === 'POST /api/v1/ingestion/trigger')!;
    const { 'azcops.correlation_id': correlationId } = attributesOf(asked);
    expect(correlationId).toBeTruthy();
    const windows = traces.spans.filter(({ name }) => name.startsWith('window '));
    expect(windows.length).toBeGreaterThan(3);
    for (const window of windows)
      expect(attributesOf(window)['azcops.correlation_id'], window.name).toBe(correlationId);
  });

  it('lead from a log line to the trace', () => {
    expect(traces.spans.map(({ traceId }) => traceId)).toContain(line['trace_id']);
  });

  it('hold no secret, no token and no statement', () => {
    const text = JSON.stringify(traces.spans);
    expect(text).not.toContain(sandbox.description.application.clientSecret);
    expect(text).not.toMatch(/Bearer|skiptoken|SELECT /i);
  });

  it('load OpenTelemetry in both processes', () => {
    for (const process of traced) expect(loadedBy(process), process.name).not.toEqual([]);
  });

  it('load nothing of it where nobody asked for them', async () => {
    const quiet = await AzCops.open(sandbox, { env: WATCHED });
    try {
      const processes = await Promise.all([quiet.startApi(), quiet.startWorker()]);
      await quiet.register(0);
      await quiet.run({ mode: 'incremental' });
      await Promise.all(processes.map((process) => process.stop()));
      for (const process of processes) expect(loadedBy(process), process.name).toEqual([]);
    } finally {
      await quiet[Symbol.asyncDispose]();
    }
  });
});
