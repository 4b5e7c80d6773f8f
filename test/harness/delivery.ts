import { pino } from 'pino';
import type { ChannelFilter, ChannelKind, DeliverySecret, EventKind } from '#core/delivery.js';
import { HttpSender } from '#delivery/http-sender.js';
import { DeliveryWorker } from '../../apps/ingestion/delivery/delivery-worker.js';
import type { Parts } from '../../apps/ingestion/parts.js';
import { HttpsReceiver } from '../../libs/delivery/testing/https-receiver.js';
import { TestIngestion } from './ingestion.js';
import { addSubscription, addTenant } from './ledger.js';

export const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

export interface TestDelivery {
  id: string;
  kind: string;
  event_id: string | null;
  digest_id: string | null;
  digest_day: string | null;
  status: string;
  attempts: number;
  wait_seconds: number;
  reason: string | null;
  action: string | null;
  response_status: number | null;
  external_ref: string | null;
  external_url: string | null;
}

export interface NewChannel {
  kind: ChannelKind;
  url: string | null;
  secretRef: string;
  filter: ChannelFilter;
  options: Record<string, unknown>;
  digest: 'each' | 'daily';
  enabled: boolean;
}

/** A database, a receiver on this machine, and workers that send from one to the other. */
export class TestDeliveries {
  /** Everything that the workers logged. */
  log = '';
  secrets: Record<string, DeliverySecret>;
  now = () => new Date();
  private names = 0;

  private constructor(
    readonly ingestion: TestIngestion,
    readonly receiver: HttpsReceiver,
    readonly tenantId: string,
  ) {
    this.secrets = {
      HOOK: { signingSecret: SIGNING_SECRET },
      CHAT: { url: `${receiver.url}/services/s3cr3t` },
      DESK: { username: 'azcops', password: 'p4ssw0rd' },
    };
  }

  static async open(): Promise<TestDeliveries> {
    const ingestion = await TestIngestion.open();
    const tenantId = await addTenant(ingestion.logins.owner, 'Contoso', '20000000-0000-4000-8000-000000000001');
    await addSubscription(ingestion.logins.owner, tenantId, 's1');
    return new TestDeliveries(ingestion, await HttpsReceiver.start(), tenantId);
  }

  async close(): Promise<void> {
    await this.ingestion.end();
    await this.receiver.stop();
  }

  /** Nothing has happened and nobody is told of anything. */
  async reset(): Promise<void> {
    this.receiver.reset();
    this.log = '';
    this.now = () => new Date();
    await this.ingestion.logins.owner.pool.query(
      'TRUNCATE deliveries, delivery_channels, recommendation_events, recommendation_exemptions, recommendations',
    );
  }

  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.ingestion.logins.owner.pool.query<Row>(sql, values)).rows;
  }

  /** Parts of a worker that trusts the receiver. */
  parts(changes: Partial<Parts> = {}, timeoutMs = 5_000): Parts {
    const { parts } = this.ingestion;
    const { secrets } = this;
    return {
      ...parts,
      clock: { now: () => this.now(), sleep: parts.clock.sleep },
      logger: pino({ level: 'info' }, { write: (line: string) => void (this.log += line) }),
      config: { ...parts.config, delivery: { ...parts.config.delivery, allowedHosts: ['localhost'], secrets } },
      http: new HttpSender({ allowedHosts: ['localhost'], ca: this.receiver.ca, timeoutMs }),
      ...changes,
    };
  }

  worker(changes: Partial<Parts> = {}, timeoutMs?: number): DeliveryWorker {
    return new DeliveryWorker(this.parts(changes, timeoutMs));
  }

  /** What a fresh worker does until nothing is left to do now. */
  async work(worker = this.worker()): Promise<void> {
    await worker.tick();
    await worker.idle();
  }

  async channel(changes: Partial<NewChannel> = {}): Promise<string> {
    const channel: NewChannel = {
      kind: 'webhook',
      url: `${this.receiver.url}/hook`,
      secretRef: 'HOOK',
      filter: {},
      options: {},
      digest: 'each',
      enabled: true,
      ...changes,
    };
    const [row] = await this.rows<{ id: string }>(
      `INSERT INTO delivery_channels (tenant_id, name, kind, url, secret_ref, options, filter, digest, enabled)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
      [
        this.tenantId,
        `channel ${(this.names += 1)}`,
        channel.kind,
        channel.url,
        channel.secretRef,
        channel.options,
        channel.filter,
        channel.digest,
        channel.enabled,
      ],
    );
    return row!.id;
  }

  async recommendation(changes: Record<string, unknown> = {}): Promise<string> {
    const columns: Record<string, unknown> = {
      tenant_id: this.tenantId,
      source_id: `finding ${(this.names += 1)}`,
      rule: 'unattached_disk',
      category: 'storage',
      title: `Delete the disk ${this.names}`,
      subscription_id: 's1',
      resource_id: `/subscriptions/s1/resourcegroups/rg/providers/microsoft.compute/disks/disk${this.names}`,
      estimated_monthly_savings: '10.50',
      currency: 'EUR',
      savings_method: 'measured',
      first_seen_at: new Date(),
      last_seen_at: new Date(),
      ...changes,
    };
    const names = Object.keys(columns);
    const [row] = await this.rows<{ id: string }>(
      `INSERT INTO recommendations (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})
       RETURNING id`,
      Object.values(columns),
    );
    return row!.id;
  }

  /** Something happens to a recommendation, as the worker or the API would write it. Answers the event's id. */
  async happens(kind: EventKind, recommendationId: string, changes: Record<string, unknown> = {}): Promise<string> {
    const [row] = await this.ingestion.logins.worker.transaction({ kind: 'tenant', tenantId: this.tenantId }, (tx) =>
      tx.query<{ id: string }>(
        `INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, reason, actor_name, details)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::text`,
        [
          this.tenantId,
          recommendationId,
          kind,
          changes['reason'] ?? null,
          changes['actorName'] ?? null,
          changes['details'] ?? {},
        ],
      ),
    );
    return row!.id;
  }

  /** A new recommendation. Answers the event's id. */
  async found(changes: Record<string, unknown> = {}): Promise<string> {
    return this.happens('found', await this.recommendation(changes));
  }

  deliveries(): Promise<TestDelivery[]> {
    return this.rows<TestDelivery>(
      `SELECT id, kind, event_id::text, digest_id, digest_day::text, status, attempts, reason, action, response_status,
              external_ref, external_url, extract(epoch FROM next_attempt_at - now())::float8 AS wait_seconds
       FROM deliveries ORDER BY event_id NULLS LAST, created_at`,
    );
  }

  /** Ends all waits, as if the time had passed. */
  async timePasses(): Promise<void> {
    await this.rows(`UPDATE deliveries SET next_attempt_at = now() - interval '1 second' WHERE status = 'pending'`);
  }
}
