import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { queues, QUEUE_SCHEMA } from './queues.js';

/**
 * Creates the queue's schema and queues as the owner and grants the two roles what they need:
 * the API may add jobs, the worker works on them. Idempotent.
 */
export async function installQueue(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
    max: 2,
  });
  boss.on('error', () => undefined); // start() and createQueue() reject by themselves
  await boss.start();
  try {
    for (const { name, ...options } of queues) {
      if (await boss.getQueue(name)) {
        const { policy: _fixedAtCreation, ...changeable } = options;
        await boss.updateQueue(name, changeable);
      } else {
        await boss.createQueue(name, options);
      }
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`
      GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO azcops_api, azcops_worker;
      GRANT SELECT ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO azcops_api;
      GRANT INSERT ON ${QUEUE_SCHEMA}.job_common TO azcops_api;
      GRANT INSERT ON ${QUEUE_SCHEMA}.job TO azcops_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO azcops_worker;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO azcops_worker;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${QUEUE_SCHEMA} TO azcops_worker;
    `);
  } finally {
    await client.end();
  }
}
