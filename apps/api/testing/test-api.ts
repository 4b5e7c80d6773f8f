import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { expect } from 'vitest';
import { loadConfig } from '#core/config.js';
import { createLogger, type Logger } from '#core/logger.js';
import { Database } from '#db/database.js';
import { JobQueue } from '#db/queue/job-queue.js';
import type { ApiOverrides } from '../api.module.js';
import type { Role } from '../auth/caller.js';
import { problem } from '../http/schemas.js';
import { createServer } from '../server.js';
import { strict } from './strict-schema.js';
import { AUDIENCE, TestIdentityServer, type TestIssuer } from './test-issuer.js';

export const HOME = '10000000-0000-4000-8000-000000000001';
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT' | 'HEAD' | 'OPTIONS';

export interface TestApiOptions extends ApiOverrides {
  databaseUrl: string;
  /** Null: nobody is at home. */
  homeTenantId?: string | null;
  issuers?: TestIssuer[];
  /** More of the API's environment. */
  environment?: Record<string, string>;
  /** Lines of the log end up here. */
  logger?: Logger;
}

export interface Call {
  token?: string | null;
  body?: unknown;
  /** Sent as it stands, without being made JSON. */
  raw?: string;
  headers?: Record<string, string>;
}

/** What came back; `json` is null where the body is not JSON. */
export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  json: any;
}

/** The API in this process over a test database, with an identity server of its own. */
export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly identity: TestIdentityServer,
    readonly issuer: TestIssuer,
    private readonly ownsIdentity: boolean,
  ) {}

  static async start(options: TestApiOptions, identity?: TestIdentityServer): Promise<TestApi> {
    const { databaseUrl, homeTenantId = HOME, logger, environment, ...overrides } = options;
    const identityServer = identity ?? (await TestIdentityServer.start());
    const issuers = options.issuers ?? [await identityServer.addIssuer('main/{tenantid}/v2.0')];
    const config = loadConfig(['database', 'auth'], {
      DATABASE_URL: databaseUrl,
      AUTH_ISSUERS: issuers.map(({ issuer }) => issuer).join(','),
      AUTH_AUDIENCES: AUDIENCE,
      AUTH_HOME_TENANT_ID: homeTenantId ?? '',
      ...environment,
    });
    const app = await createServer(config, logger ?? silent(), {
      ...overrides,
      tokens: { fetch: identityServer.fetch, ...overrides.tokens },
    });
    return new TestApi(app, identityServer, issuers[0]!, !identity);
  }

  token(role: Role | null = 'AzCops.Admin', tid: string = HOME): Promise<string> {
    return this.issuer.sign({ tid, roles: role === null ? [] : [role] });
  }

  /** One request, as a home administrator unless `token` says otherwise. Checks what every answer must have. */
  async call(method: Method, url: string, { token, body, raw, headers = {} }: Call = {}): Promise<Answer> {
    const bearer = token === undefined ? await this.token() : token;
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await this.app.inject({
      method,
      url,
      payload,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(payload !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    const text = response.body;
    const isJson = /json/.test(String(response.headers['content-type'])) && text !== '';
    const answer: Answer = {
      status: response.statusCode,
      headers: response.headers as Record<string, string | undefined>,
      text,
      json: isJson ? JSON.parse(text) : null,
    };
    expectSaneAnswer(answer, method);
    return answer;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.app.get(JobQueue).stop(0);
    await this.app.get(Database).close();
    if (this.ownsIdentity) await this.identity.stop();
  }
}

export const strictProblem = strict(problem);

/** Every answer names its correlation id; every refusal is a whole problem and shows no internals. */
export function expectSaneAnswer(answer: Answer, method: string = 'GET'): void {
  expect(answer.headers['x-correlation-id'], answer.text).toMatch(/^[A-Za-z0-9._:-]{1,128}$/);
  if (answer.status < 400 || method === 'HEAD' || answer.json?.database === 'down') return;
  expect(answer.headers['content-type'], answer.text).toBe('application/problem+json; charset=utf-8');
  const body = strictProblem.parse(answer.json);
  expect(body).toMatchObject({ status: answer.status, correlation_id: answer.headers['x-correlation-id'] });
  expect(body.detail).not.toBe('');
  expect(answer.text).not.toMatch(/\bat \S+ \(|node_modules|\.ts:\d|SELECT |syntax error/);
  if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="azcops"/);
}

/** The names of the fields that an answer complains about, sorted. */
export function fieldsOf(answer: Answer): string[] {
  return [...new Set<string>(answer.json?.errors?.map(({ field }: { field: string }) => field))].sort();
}

export function silent(): Logger {
  return createLogger({ level: 'silent', format: 'json', service: 'test' });
}
