import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { describeApi } from '../openapi-document.js';
import { TestApi, type Method } from '../testing/test-api.js';
import { seedEstate, type Estate } from '../testing/test-estate.js';

const ROUNDS = 30;
const SEED = 20_261_101;

interface Parameter {
  name: string;
  in: 'query' | 'path';
  schema: { enum?: string[] };
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, unknown>;
}

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  api = await TestApi.start({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** mulberry32: the same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it(`answers whatever is sent to any documented route with a documented status (seed ${SEED})`, async () => {
  const document = describeApi(api.app);
  const random = randomFrom(SEED);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const texts = [
    '',
    ' ',
    '0',
    '-1',
    '1',
    '2',
    '1e3',
    'NaN',
    'null',
    'true',
    'abc',
    '\0',
    'a\0b',
    '\uD800',
    '\uFFFF',
    '💶',
    '\u202E',
    "'",
    '"',
    '\\',
    ';--',
    '%',
    '_',
    '%00',
    '../../etc/passwd',
    '${7*7}',
    '{{7*7}}',
    '<b>',
    'constructor',
    '__proto__',
    'x'.repeat(300),
    'x'.repeat(3_000),
    '2026-03-01',
    '2026-02-30',
    '0000-00-00',
    '0000-01-01',
    '9999-12-31',
    '-infinity',
    'epoch',
    'EUR',
    'name',
    '-created_at',
    'full',
    'provider,location',
    'daily',
    'approve',
    'dismiss',
    'unattached-disk',
    'webhook',
    'AUTOMATION',
    '2100-01-01T00:00:00Z',
    '[]',
    '{}',
    'e30',
    'bnVsbA',
    '99999999-9999-4999-8999-999999999999',
  ];
  const { contoso, contosoSubscription, contosoRun, everyoneRun, contosoFinding, contosoChannel, contosoDelivery } =
    estate;
  const known = [
    contoso,
    contosoSubscription,
    contosoRun,
    everyoneRun,
    contosoFinding,
    contosoChannel,
    contosoDelivery,
  ];
  const ids = () => pick([...known, ...texts]);
  /** What a path names is there half of the time: beyond the check of its form lies more. */
  const named = (path: string, parameter: string) => {
    if (random() < 0.5) return ids();
    if (parameter === '{move}') return pick(['approve', 'reject', 'execute', 'dismiss', 'reopen']);
    if (parameter === '{rule}') return 'unattached-disk';
    if (path.includes('/recommendations/')) return contosoFinding;
    if (path.includes('/delivery-channels/')) return contosoChannel;
    return path.includes('/deliveries/') ? contosoDelivery : contoso;
  };
  const json = (depth: number): unknown =>
    pick<() => unknown>([
      () => pick(texts),
      () => ids(),
      () => pick([null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER]),
      () => (depth > 2 ? [] : Array.from({ length: Math.floor(random() * 3) }, () => json(depth + 1))),
      () => (depth > 2 ? {} : { [pick(['name', 'mode', '$ne', 'constructor', ''])]: json(depth + 1) }),
    ])();
  const statuses = new Map<number, number>();

  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, documented] of Object.entries(operations as Record<string, Operation>)) {
      const { parameters = [], requestBody, responses } = documented;
      const reference = requestBody?.content['application/json']?.schema.$ref.split('/').at(-1);
      const members = reference
        ? Object.keys((document.components!.schemas![reference] as { properties: object }).properties)
        : [];
      for (let round = 0; round < ROUNDS; round += 1) {
        let url = path.replace(
          /\{\w+\}/g,
          (parameter) => encodeURIComponent(named(path, parameter).toWellFormed()) || 'x',
        );
        const query = parameters
          .filter((parameter) => parameter.in === 'query' && random() < 0.3)
          .map(({ name, schema }) => {
            const value =
              schema.enum && random() < 0.5 ? pick(schema.enum) : name.endsWith('_id') ? ids() : pick(texts);
            return `${name}=${random() < 0.05 ? '%zz' : encodeURIComponent(value.toWellFormed())}`;
          });
        if (random() < 0.1) query.push(`${encodeURIComponent(pick(texts).toWellFormed())}=1`);
        if (query.length > 0) url += `?${query.join('&')}`;
        const body = Object.fromEntries(members.filter(() => random() < 0.7).map((name) => [name, json(0)]));
        const raw = !requestBody
          ? undefined
          : random() < 0.1
            ? pick(['', '{', 'null', '[]', '{"__proto__":1}'])
            : JSON.stringify(random() < 0.1 ? json(0) : body);
        const headers: Record<string, string> =
          random() < 0.2 ? { accept: pick(['text/csv', '*/*', 'text/html', 'q=;,']) } : {};
        const answer = await api.call(method.toUpperCase() as Method, url, { raw, headers });
        const sent = `${method} ${url} ${raw ?? ''} → ${answer.text.slice(0, 300)}`;
        expect(answer.status, sent).toBeLessThan(500);
        // A path parameter that is empty or too long leads to no route.
        if (answer.status !== 404 && answer.status !== 414)
          expect(Object.keys(responses), sent).toContain(String(answer.status));
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    }
  }
  // Both good and bad requests were among them.
  expect(statuses.get(200)).toBeGreaterThan(50);
  expect(statuses.get(400)).toBeGreaterThan(100);
  expect(statuses.get(404)).toBeGreaterThan(5);
});
