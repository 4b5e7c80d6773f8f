import type { ReadProof, TargetResource } from '#core/connector.js';
import type { ResourceRecord } from '#core/records.js';
import { oneTenant, type TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import {
  Conditions,
  containing,
  readAll,
  readList,
  type ListPage,
  type ListRequest,
  type ListSource,
} from '../list.js';
import type { Published, RecordSink, SinkTarget } from '../record-sink.js';

export interface ResourceRow {
  tenant_id: string;
  resource_id: string;
  original_id: string;
  subscription_id: string;
  name: string;
  type: string;
  kind: string | null;
  location: string | null;
  resource_group: string | null;
  managed_by: string | null;
  tags: Record<string, string>;
  sku: Record<string, unknown> | null;
  properties: Record<string, unknown>;
  first_seen_at: Date;
  last_seen_at: Date;
  deleted_at: Date | null;
}

export interface ResourceFilter {
  tenant_id?: string;
  subscription_id?: string;
  type?: string;
  location?: string;
  resource_group?: string;
  /** `name` or `name:value`. */
  tag?: string;
  q?: string;
  include_deleted?: boolean;
}

const SOURCE: ListSource = {
  columns:
    'tenant_id, resource_id, original_id, subscription_id, name, type, kind, location, resource_group, managed_by, tags, sku, properties, first_seen_at, last_seen_at, deleted_at',
  from: 'resources',
  sortable: {
    name: { expression: 'name', type: 'text' },
    type: { expression: 'type', type: 'text' },
    resource_id: { expression: 'resource_id', type: 'text' },
    last_seen_at: { expression: 'last_seen_at', type: 'timestamptz' },
  },
  defaultSort: 'resource_id',
  tieBreakers: [
    { expression: 'resource_id', type: 'text' },
    { expression: 'tenant_id', type: 'uuid' },
  ],
};

/** The inventory: what exists, and what existed. */
export class ResourceRepository {
  constructor(private readonly database: Database) {}

  list(scope: TenantScope, filter: ResourceFilter, request: ListRequest): Promise<ListPage<ResourceRow>> {
    return readList<ResourceRow>(this.database, scope, SOURCE, conditionsOf(scope, filter), request);
  }

  /** The same, whole. */
  all(scope: TenantScope, filter: ResourceFilter, sort?: string): AsyncGenerator<ResourceRow[], void> {
    return readAll<ResourceRow>(this.database, scope, SOURCE, conditionsOf(scope, filter), sort);
  }

  /** How many resources of some types each of a tenant's subscriptions holds. */
  async countBySubscription(tenantId: string, types: readonly string[]): Promise<Map<string, number>> {
    if (types.length === 0) return new Map();
    const rows = await this.database.query<{ subscription_id: string; count: number }>(
      oneTenant(tenantId),
      `SELECT subscription_id, count(*)::float8 AS count FROM resources
       WHERE tenant_id = $1 AND type = ANY($2::text[]) AND deleted_at IS NULL GROUP BY subscription_id`,
      [tenantId, types],
    );
    return new Map(rows.map(({ subscription_id, count }) => [subscription_id, count]));
  }

  /** The regions of a tenant's resources of some types (`global` without one), with the subscriptions that hold them. */
  async regions(tenantId: string, types: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.database.query<{ region: string; subscriptions: string[] }>(
      oneTenant(tenantId),
      `SELECT coalesce(nullif(replace(location, ' ', ''), ''), 'global') AS region,
              array_agg(DISTINCT subscription_id ORDER BY subscription_id) AS subscriptions
       FROM resources WHERE tenant_id = $1 AND type = ANY($2::text[]) AND deleted_at IS NULL GROUP BY 1 ORDER BY 1`,
      [tenantId, types],
    );
    return new Map(rows.map(({ region, subscriptions }) => [region, subscriptions]));
  }

  /** The resources of some types that a subscription holds. */
  async targets(tenantId: string, subscriptionId: string, types: readonly string[]): Promise<TargetResource[]> {
    return this.database.query<TargetResource>(
      oneTenant(tenantId),
      `SELECT resource_id AS "resourceId", subscription_id AS "subscriptionId", type, location FROM resources
       WHERE tenant_id = $1 AND subscription_id = $2 AND type = ANY($3::text[]) AND deleted_at IS NULL
       ORDER BY resource_id`,
      [tenantId, subscriptionId, types],
    );
  }

  /** One resource of some types of each of the subscriptions that holds any. */
  async samples(
    tenantId: string,
    subscriptionIds: readonly string[],
    types: readonly string[],
  ): Promise<TargetResource[]> {
    return this.database.query<TargetResource>(
      oneTenant(tenantId),
      `SELECT DISTINCT ON (subscription_id)
              resource_id AS "resourceId", subscription_id AS "subscriptionId", type, location FROM resources
       WHERE tenant_id = $1 AND subscription_id = ANY($2::text[]) AND type = ANY($3::text[]) AND deleted_at IS NULL
       ORDER BY subscription_id, array_position($3::text[], type), resource_id`,
      [tenantId, subscriptionIds, types],
    );
  }

  /** The inventory as the sink of a window. Batches are visible as they come; only a complete read marks deletions. */
  async openSink(target: SinkTarget): Promise<RecordSink<'resource'>> {
    let rows = 0;
    // A batch is written while the next page is read; whoever comes next hears of its failure.
    let writing: Promise<void> = Promise.resolve();
    return {
      add: async (records) => {
        await writing;
        writing = this.database.transaction(oneTenant(target.tenantId), (tx) => upsert(tx, target, records));
        writing.catch(() => undefined);
        rows += records.length;
      },
      publish: async (proof, checkpoint) => {
        await writing;
        return this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          if (proof.complete) await markDeleted(tx, target, proof);
          const published: Published = { rows, totals: [] };
          await checkpoint(tx, published);
          return published;
        });
      },
      // Nothing is written any more once an attempt has ended.
      discard: () => writing.catch(() => undefined),
    };
  }
}

function conditionsOf(scope: TenantScope, filter: ResourceFilter): Conditions {
  const [tagName, ...tagValue] = filter.tag?.split(':') ?? [];
  const conditions = new Conditions()
    .within(scope, 'tenant_id')
    .add('tenant_id = ?', filter.tenant_id)
    .add('subscription_id = ?', filter.subscription_id?.toLowerCase())
    .add('type = ?', filter.type?.toLowerCase())
    .add('location = ?', filter.location?.toLowerCase())
    .add('resource_group = ?', filter.resource_group?.toLowerCase())
    .add('name ILIKE ?', containing(filter.q));
  if (tagName !== undefined && tagValue.length === 0) conditions.add('jsonb_exists(tags, ?)', tagName);
  if (tagValue.length > 0) conditions.add('tags @> ?::jsonb', JSON.stringify({ [tagName!]: tagValue.join(':') }));
  if (!filter.include_deleted) conditions.add('deleted_at IS NULL');
  return conditions;
}

async function upsert(tx: Transaction, target: SinkTarget, found: readonly ResourceRecord[]): Promise<void> {
  // One statement may not touch a row twice; the latter of two says how things are.
  const records = [...new Map(found.map((record) => [record.resourceId, record])).values()];
  // Long properties lie compressed beside their row; kept as they are, they are not compressed and written again.
  await tx.query(
    `INSERT INTO resources AS r (tenant_id, resource_id, original_id, subscription_id, name, type, kind, location,
       resource_group, managed_by, tags, sku, properties, first_seen_at, last_seen_at)
     SELECT $1, f."resourceId", f."originalId", f."subscriptionId", f.name, f.type, f.kind, f.location,
       f."resourceGroup", f."managedBy", f.tags, f.sku, f.properties, $2, $2
     FROM jsonb_to_recordset($3::jsonb)
       AS f ("resourceId" text, "originalId" text, "subscriptionId" text, name text, type text, kind text, location text,
             "resourceGroup" text, "managedBy" text, tags jsonb, sku jsonb, properties jsonb)
     ORDER BY f."resourceId"
     ON CONFLICT (tenant_id, resource_id) DO UPDATE
       SET original_id = excluded.original_id, subscription_id = excluded.subscription_id, name = excluded.name,
           type = excluded.type, kind = excluded.kind, location = excluded.location,
           resource_group = excluded.resource_group, managed_by = excluded.managed_by, tags = excluded.tags, sku = excluded.sku,
           properties = CASE WHEN r.properties = excluded.properties THEN r.properties ELSE excluded.properties END,
           last_seen_at = excluded.last_seen_at, deleted_at = NULL
       WHERE r.last_seen_at <= excluded.last_seen_at`,
    [target.tenantId, target.startedAt, json(records)],
  );
  // Its readers see them at once, though the window may fail and begin again.
  await tx.query('SELECT count_data_version($1)', [target.tenantId]);
}

/** Text that PostgreSQL takes: it holds neither the NUL character nor halves of pairs, which Azure lets into values. */
function json(value: object): string {
  const text = JSON.stringify(value);
  // Written as escapes, these are the only ones that begin like this.
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part,
  );
}

/** Only within subscriptions the answer covers, whose inventory is then known whole: Resource Graph silently leaves out those it may not read. */
async function markDeleted(tx: Transaction, target: SinkTarget, proof: ReadProof): Promise<void> {
  await tx.query(
    `UPDATE resources SET deleted_at = $2
     WHERE tenant_id = $1 AND deleted_at IS NULL AND last_seen_at < $2 AND subscription_id = ANY($3::text[])`,
    [target.tenantId, target.startedAt, proof.subscriptionsSeen ?? []],
  );
  await tx.query(
    `UPDATE subscriptions SET inventory_at = $2
     WHERE tenant_id = $1 AND subscription_id = ANY($3::text[]) AND inventory_at IS DISTINCT FROM $2`,
    [target.tenantId, target.startedAt, proof.subscriptionsSeen ?? []],
  );
}
