import { Gauge, type Registry } from 'prom-client';
import type { Database } from './database.js';

/** What a process does with its connections to the database; `waiting` are requests that no connection is free for. */
export function registerPoolMetrics(registry: Registry, database: Database): void {
  registry.registerMetric(
    new Gauge({
      name: 'azcops_database_connections',
      help: 'Connections of this process to PostgreSQL, and requests that wait for one.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { pool } = database;
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    }),
  );
}
