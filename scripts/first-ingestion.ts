import { setTimeout as sleep } from 'node:timers/promises';
import { request, type Answer } from './request.js';
import { sandboxToken, type Sandbox } from './sandbox.js';

const POLL_MS = 1000;
const LINE_INTERVAL_MS = 3000;
const PATIENCE_MS = 15 * 60_000;
const endings = ['succeeded', 'partially_succeeded', 'failed', 'cancelled'];

interface Run {
  run_id: string;
  mode?: string;
  status: string;
  progress?: { windows_done: number; windows_total: number | null; rows: number };
  windows?: { connector: string; scope: string; status: string; reason?: string | null }[];
}

interface Context {
  apiUrl: string;
  sandbox: Sandbox;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Makes the sandbox's tenants known to the API and, unless a run has succeeded before, reads everything once. */
export async function prepareDemo({ apiUrl, sandbox, signal, say }: Context): Promise<void> {
  const authorization = `Bearer ${await sandboxToken(sandbox, 'admin')}`;
  const call = async (method: string, path: string, accepted: number[], body?: unknown): Promise<Answer> => {
    const answer = await request(new URL(path, apiUrl).href, {
      method,
      headers: {
        authorization,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: 30_000,
      signal,
    });
    if (accepted.includes(answer.status)) return answer;
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  };

  for (const { displayName, tenantId, type } of sandbox.tenants) {
    // 409: an earlier start has registered it.
    await call('POST', '/api/v1/tenants', [201, 409], { name: displayName, azure_tenant_id: tenantId, type });
  }
  const { items } = (await call('GET', '/api/v1/ingestion/runs?page_size=100', [200])).json as { items: Run[] };
  const done = items.some(({ mode, status }) => (mode ?? 'full') === 'full' && /^(partially_)?succeeded$/.test(status));
  if (done) return;
  const { status_url: statusUrl } = (await call('POST', '/api/v1/ingestion/trigger', [202], { mode: 'full' })).json as {
    status_url: string;
  };
  await follow(async () => (await call('GET', statusUrl, [200])).json as Run, { signal, say });
}

async function follow(read: () => Promise<Run>, { signal, say }: Pick<Context, 'signal' | 'say'>): Promise<void> {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const terminal = process.stdout.isTTY;
  let shown = '';
  let shownAt = 0;
  for (;;) {
    const run = await read();
    const { windows_done: windowsDone = 0, windows_total: windowsTotal = null, rows = 0 } = run.progress ?? {};
    const text = `First ingestion: ${run.status.replace('_', ' ')}, ${windowsDone} of ${windowsTotal ?? '?'} windows, ${rows} rows`;
    const ended = endings.includes(run.status);
    if (terminal) process.stdout.write(`\r\x1b[K${text}, ${seconds()} s${ended ? '\n' : ''}`);
    else if (ended || (text !== shown && Date.now() - shownAt > LINE_INTERVAL_MS)) {
      say(`${text}, ${seconds()} s`);
      shown = text;
      shownAt = Date.now();
    }
    if (ended) return report(run, say);
    if (Date.now() - startedAt > PATIENCE_MS) {
      return say(
        `${terminal ? '\n' : ''}The first ingestion goes on in the background; see GET /api/v1/ingestion/status/${run.run_id}.`,
      );
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

function report(run: Run, say: (line: string) => void): void {
  if (run.status === 'succeeded') return;
  const failed = (run.windows ?? []).filter(({ status }) => status === 'failed');
  for (const { connector, scope, reason } of failed.slice(0, 5)) say(`  ${connector} ${scope}: ${reason ?? 'failed'}`);
  say(`  All windows of the run: GET /api/v1/ingestion/status/${run.run_id}`);
}
