import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where recommendations are told of, and what was told. */
export class Delivery1760000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- secret_ref names configuration, never a secret; url is null where the secret holds it. A member that filter lacks
      -- lets everything through.
      CREATE TABLE delivery_channels (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        name text NOT NULL,
        kind text NOT NULL,
        url text,
        secret_ref text NOT NULL,
        options jsonb NOT NULL DEFAULT '{}',
        filter jsonb NOT NULL DEFAULT '{}',
        digest text NOT NULL DEFAULT 'each',
        enabled boolean NOT NULL DEFAULT true,
        removed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT delivery_channels_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT delivery_channels_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT delivery_channels_kind_ck CHECK (kind IN ('webhook', 'slack', 'teams', 'servicenow', 'jira')),
        CONSTRAINT delivery_channels_digest_ck CHECK (digest IN ('each', 'daily'))
      );
      CREATE UNIQUE INDEX delivery_channels_name_ix ON delivery_channels (tenant_id, name) WHERE removed_at IS NULL;
      CREATE TRIGGER delivery_channels_touch BEFORE UPDATE ON delivery_channels
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('delivery_channels', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE ON delivery_channels TO azcops_api;
      GRANT SELECT ON delivery_channels TO azcops_worker;

      -- The outbox: what is to be told to a channel, and what became of it. The id is the key by which receivers tell a
      -- repetition. While a worker sends, next_attempt_at is when another one may take over, and attempts fences. What
      -- fails after expires_at has failed for good.
      -- collected: waits for the digest of its channel, and is told with it once digest_id is set.
      CREATE TABLE deliveries (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        channel_id uuid NOT NULL,
        kind text NOT NULL,
        event_id bigint,
        recommendation_id uuid,
        digest_id uuid,
        digest_day date,
        status text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL DEFAULT now() + interval '1 day',
        finished_at timestamptz,
        reason text,
        action text,
        response_status integer,
        external_ref text,
        external_url text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT deliveries_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT deliveries_channel_fk FOREIGN KEY (tenant_id, channel_id) REFERENCES delivery_channels (tenant_id, id),
        CONSTRAINT deliveries_event_fk FOREIGN KEY (tenant_id, event_id) REFERENCES recommendation_events (tenant_id, id),
        CONSTRAINT deliveries_digest_fk FOREIGN KEY (tenant_id, digest_id) REFERENCES deliveries (tenant_id, id),
        CONSTRAINT deliveries_kind_ck CHECK (kind IN ('event', 'digest', 'test')),
        CONSTRAINT deliveries_status_ck CHECK (status IN ('pending', 'collected', 'delivered', 'failed'))
      );
      CREATE UNIQUE INDEX deliveries_event_ix ON deliveries (tenant_id, channel_id, event_id) WHERE event_id IS NOT NULL;
      CREATE UNIQUE INDEX deliveries_day_ix ON deliveries (tenant_id, channel_id, digest_day) WHERE digest_day IS NOT NULL;
      CREATE INDEX deliveries_pending_ix ON deliveries (tenant_id, channel_id, event_id NULLS FIRST) WHERE status = 'pending';
      CREATE INDEX deliveries_order_ix ON deliveries (tenant_id, channel_id, recommendation_id, event_id)
        WHERE status = 'pending';
      CREATE INDEX deliveries_collected_ix ON deliveries (tenant_id, channel_id, created_at)
        WHERE status = 'collected' AND digest_id IS NULL;
      CREATE INDEX deliveries_digest_ix ON deliveries (tenant_id, digest_id) WHERE digest_id IS NOT NULL;
      CREATE INDEX deliveries_recommendation_ix ON deliveries (tenant_id, recommendation_id, created_at);
      CREATE INDEX deliveries_created_ix ON deliveries (tenant_id, created_at);
      CREATE TRIGGER deliveries_touch BEFORE UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('deliveries', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE (status, next_attempt_at, expires_at, finished_at, reason, action) ON deliveries
        TO azcops_api;
      GRANT SELECT, INSERT, UPDATE ON deliveries TO azcops_worker;

      -- In the transaction of the event itself: none is lost, none comes twice, and a channel's first one is the first
      -- after the channel was made. What nobody wants to hear about, or was decided against or done, is not told as news;
      -- how it ends is, because a ticket may be open.
      CREATE FUNCTION collect_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO deliveries (tenant_id, channel_id, kind, event_id, recommendation_id, status)
        SELECT e.tenant_id, c.id, 'event', e.id, e.recommendation_id,
               CASE c.digest WHEN 'daily' THEN 'collected' ELSE 'pending' END
        FROM added e
        JOIN delivery_channels c ON c.tenant_id = e.tenant_id AND c.enabled AND c.removed_at IS NULL
        JOIN recommendations r ON r.tenant_id = e.tenant_id AND r.id = e.recommendation_id
        WHERE (NOT c.filter ? 'event_kinds' OR c.filter->'event_kinds' ? e.kind)
          AND (NOT c.filter ? 'categories' OR c.filter->'categories' ? r.category)
          AND (NOT c.filter ? 'rules' OR c.filter->'rules' ? r.rule)
          AND (NOT c.filter ? 'subscription_ids' OR c.filter->'subscription_ids' ? r.subscription_id)
          AND (NOT c.filter ? 'minimum_monthly_savings' OR r.estimated_monthly_savings
               >= coalesce((c.filter->'minimum_monthly_savings'->>r.currency)::numeric, 0))
          AND (e.kind NOT IN ('found', 'changed', 'returned')
               OR r.status IN ('open', 'approved') AND NOT (r.suppressed OR EXISTS (
            SELECT FROM recommendation_exemptions x
            WHERE x.tenant_id = r.tenant_id AND x.ended_at IS NULL AND (x.expires_at IS NULL OR x.expires_at > now())
              AND (x.rule IS NULL OR x.rule = r.rule)
              AND (x.subscription_id IS NULL OR x.subscription_id = r.subscription_id)
              AND (x.resource_group IS NULL OR x.resource_group = r.resource_group)
              AND (x.resource_id IS NULL OR x.resource_id = r.resource_id))));
        RETURN NULL;
      END $$;
      CREATE TRIGGER recommendation_events_delivery AFTER INSERT ON recommendation_events
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION collect_deliveries();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER recommendation_events_delivery ON recommendation_events; DROP FUNCTION collect_deliveries;
      DROP TABLE deliveries; DROP TABLE delivery_channels;
    `);
  }
}
