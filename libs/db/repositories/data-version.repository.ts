import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';

/** Tells whether anything that readers are shown has changed. */
export class DataVersionRepository {
  constructor(private readonly database: Database) {}

  /** Equal as long as nothing of the scope has been published, discovered, imported or decided. */
  async current(scope: TenantScope): Promise<string> {
    const [row] = await this.database.query<{ version: string }>(
      scope,
      'SELECT coalesce(sum(version), 0)::text AS version FROM data_versions',
    );
    return row!.version;
  }
}
