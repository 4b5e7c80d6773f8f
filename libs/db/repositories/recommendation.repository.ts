import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '../database.js';

/** What should change, and what people decided about it. */
export class RecommendationRepository {
  constructor(private readonly database: Database) {}

  /** How many recommendations of all tenants stand in each workflow status; for metrics. */
  countByStatus(): Promise<{ status: string; count: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      'SELECT status, count(*)::float8 AS count FROM recommendations GROUP BY status',
    );
  }
}
