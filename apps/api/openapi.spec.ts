import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#core/config.js';
import { ApiModule } from './api.module.js';
import { describeApi } from './openapi-document.js';
import { silent } from './testing/test-api.js';

type Schema = Record<string, any>;
interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  security?: unknown;
  tags: string[];
  parameters: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  requestBody?: Schema;
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

let document: Schema;
let operations: [string, Operation][];
beforeAll(async () => {
  const module = ApiModule.with(loadConfig([], {}), silent());
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  document = describeApi(app);
  operations = Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
});

describe('the OpenAPI document', () => {
  it('has every route of the contract', () => {
    expect(operations.map(([name]) => name).sort()).toEqual([
      'delete /api/v1/delivery-channels/{id}',
      'delete /api/v1/exemptions/{id}',
      'delete /api/v1/subscriptions/{id}',
      'delete /api/v1/tenants/{id}',
      'get /api/v1/audit-logs',
      'get /api/v1/costs',
      'get /api/v1/costs/revisions',
      'get /api/v1/costs/summary',
      'get /api/v1/deliveries',
      'get /api/v1/deliveries/{id}',
      'get /api/v1/delivery-channels',
      'get /api/v1/delivery-channels/{id}',
      'get /api/v1/exemptions',
      'get /api/v1/ingestion/runs',
      'get /api/v1/ingestion/status/{run_id}',
      'get /api/v1/recommendations',
      'get /api/v1/recommendations/summary',
      'get /api/v1/recommendations/{id}',
      'get /api/v1/resource-metrics',
      'get /api/v1/resources',
      'get /api/v1/rules',
      'get /api/v1/rules/{rule}',
      'get /api/v1/subscriptions',
      'get /api/v1/subscriptions/{id}',
      'get /api/v1/tenants',
      'get /api/v1/tenants/{id}',
      'get /api/v1/tenants/{id}/rules',
      'get /api/v1/virtual-machines/utilisation',
      'get /health',
      'get /health/live',
      'get /health/ready',
      'patch /api/v1/delivery-channels/{id}',
      'patch /api/v1/recommendations/{id}',
      'patch /api/v1/subscriptions/{id}',
      'patch /api/v1/tenants/{id}',
      'post /api/v1/deliveries/{id}/retry',
      'post /api/v1/delivery-channels',
      'post /api/v1/delivery-channels/{id}/test',
      'post /api/v1/exemptions',
      'post /api/v1/ingestion/runs/{run_id}/cancel',
      'post /api/v1/ingestion/trigger',
      'post /api/v1/recommendations/decisions',
      'post /api/v1/recommendations/{id}/{move}',
      'post /api/v1/subscriptions',
      'post /api/v1/tenants',
      'put /api/v1/tenants/{id}/rules/{rule}',
    ]);
  });

  it('explains every operation and parameter', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(document['tags'].map(({ name }: { name: string }) => name));
    for (const [name, operation] of operations) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.operationId).toMatch(/^[A-Za-z]+_[a-z]+$/);
      expect(
        operation.tags.every((tag) => tags.has(tag)),
        name,
      ).toBe(true);
      for (const parameter of operation.parameters) {
        const known = parameter.description ?? parameter.schema['enum'];
        expect(known, `${name}: ${parameter.name}`).toBeTruthy();
        expect(parameter.required).toBe(parameter.in === 'path');
      }
    }
  });

  it('protects everything but health, and says which role is needed', () => {
    expect(document['components'].securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    for (const [name, operation] of operations) {
      const isPublic = name.startsWith('get /health');
      expect(operation.security, name).toEqual(isPublic ? undefined : [{ bearer: [] }]);
      if (!isPublic) expect(operation.description, name).toMatch(/Needs the role AzCops\.(Reader|Approver|Admin)\./);
    }
  });

  it('names a schema for every answer and body, and resolves every reference', () => {
    for (const [name, operation] of operations) {
      if (operation.requestBody) {
        expect(operation.requestBody['content']['application/json'].schema.$ref, name).toMatch(
          /^#\/components\/schemas\//,
        );
      }
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const where = `${name} ${status}`;
        if (status === '204' || status === '304') {
          expect(content, where).toBeUndefined();
          continue;
        }
        const isProblem = Number(status) >= 400 && !name.startsWith('get /health');
        const media = content?.[isProblem ? 'application/problem+json' : 'application/json'];
        expect(media?.schema['$ref'], where).toMatch(isProblem ? /\/Problem$/ : /^#\/components\/schemas\//);
      }
    }
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(references.filter((name) => !(name in document['components'].schemas))).toEqual([]);
    expect(Object.keys(document['components'].schemas).filter((name) => !references.includes(name))).toEqual([]);
  });

  it('shows CSV where there is CSV', () => {
    const withCsv = operations
      .filter(([, { responses }]) => responses['200']?.content?.['text/csv'])
      .map(([name]) => name);
    expect(withCsv).toEqual(['get /api/v1/resources', 'get /api/v1/costs', 'get /api/v1/recommendations']);
  });

  it('lets answers grow and keeps requests strict', () => {
    const { NewTenant, Tenant, CostList } = document['components'].schemas;
    expect(NewTenant.additionalProperties).toBe(false);
    expect(Tenant.additionalProperties).toBeUndefined();
    expect(CostList.properties.items.items).toEqual({ $ref: '#/components/schemas/Cost' });
  });
});
