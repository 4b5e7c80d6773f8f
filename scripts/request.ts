import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** File of the certificate authority that signed the server's certificate. */
  caFile?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  text: string;
  /** The parsed body; null when it is not JSON. */
  json: unknown;
}

/** One request to a server on this machine: never through a proxy, with the certificate authority given per call. */
export function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, caFile, timeoutMs = 10_000, signal } = options;
  const secure = url.startsWith('https:');
  const agent = secure ? new https.Agent({ ca: caFile ? readFileSync(caFile) : undefined }) : new http.Agent();
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = (secure ? https : http).request(
      url,
      { method, headers, agent, timeout: timeoutMs, signal },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, text, json: parseJson(text) });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url}: no answer after ${timeoutMs} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  }).finally(() => agent.destroy());
}

/** Whether anything answers HTTP there; which status does not matter. */
export async function answersHttp(url: string, caFile?: string): Promise<boolean> {
  return request(url, { caFile, timeoutMs: 3000 }).then(
    () => true,
    () => false,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
