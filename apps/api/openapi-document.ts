import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ROLE_EXTENSION } from './auth/caller.js';
import { CSV_EXTENSION } from './http/csv.js';
import { VERSION } from '#core/version.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & Record<`x-${string}`, unknown>;
type Media = Record<string, { schema?: object }>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const CORRELATION_HEADER = {
  'X-Correlation-ID': { description: 'Leads to the request in the logs', schema: { type: 'string' as const } },
};

/** The OpenAPI description of the running API; needs no database. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('AzCops API')
    .setDescription(
      'What an Azure estate holds, what it costs, and how it was read.\n\n' +
        'Decimals are strings without exponent or trailing zeros; days are UTC, times RFC 3339. A caller sees its own ' +
        'tenant, the operator sees all. Every answer carries X-Correlation-ID, taken over from the request when it is ' +
        'a sane value. Errors are application/problem+json.',
    )
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setVersion(VERSION)
    .addServer('/')
    .addTag('health', 'Probes; no token needed')
    .addTag('tenants', 'The registry of Entra tenants')
    .addTag('subscriptions', 'The registry of subscriptions')
    .addTag('resources', 'The inventory')
    .addTag('resource-metrics', 'How resources were used')
    .addTag('virtual-machines', 'What virtual machines make of their size')
    .addTag('costs', 'The cost ledger')
    .addTag('recommendations', 'What should change, and what it would save')
    .addTag('delivery-channels', 'Where recommendations are told of')
    .addTag('deliveries', 'What was told, and what became of it')
    .addTag('exemptions', 'What nobody wants to hear about')
    .addTag('rules', 'How recommendations are found')
    .addTag('ingestion', 'Runs that read the estate')
    .addTag('audit-logs', 'Who did what')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'Access token with one of the roles AzCops.Reader, AzCops.Approver, AzCops.Admin; each includes those before it.',
    });
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) if (path[method]) complete(path[method] as Operation);
  }
  const written = JSON.stringify(
    Object.values(document.paths).flatMap((path) => METHODS.map((m) => path[m]?.requestBody)),
  );
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    tidy(schema, !written.includes(`"#/components/schemas/${name}"`));
  }
  tidy(document.paths, false);
  return document;
}

/** Takes out what only repeats a format or a number type. Answers may grow members, so they do not exclude others. */
function tidy(part: unknown, isAnswer: boolean): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Record<string, unknown>;
  if (typeof schema['format'] === 'string') delete schema['pattern'];
  if (schema['type'] === 'integer') {
    delete schema['pattern'];
    if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
    if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  }
  if (typeof schema['type'] === 'string') delete schema['anyOf'];
  if (isAnswer && schema['additionalProperties'] === false) delete schema['additionalProperties'];
  for (const inner of Object.values(schema)) tidy(inner, isAnswer);
}

/** What holds for every route, and what decorators cannot say: the role, media types, headers. */
function complete(operation: Operation): void {
  if (operation.security) {
    const role = String(operation[ROLE_EXTENSION] ?? 'AzCops.Reader');
    operation.description = `${operation.description ? `${operation.description} ` : ''}Needs the role ${role}.`;
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || !('description' in response)) continue;
    response.headers = { ...CORRELATION_HEADER, ...response.headers };
    const content = response.content as Media | undefined;
    const json = content?.['application/json'];
    if (json?.schema && '$ref' in json.schema && String(json.schema.$ref).endsWith('/Problem')) {
      response.content = { 'application/problem+json': json };
    }
    if (status === '200' && operation[CSV_EXTENSION]) {
      content!['text/csv'] = { schema: { type: 'string' } };
      operation.description +=
        ' With Accept: text/csv every row of the filter comes as one streamed file of one state of the data; page, page_size and cursor are ' +
        'refused then, and of many files at once some are refused with 503.';
    }
  }
  delete operation[CSV_EXTENSION];
}
