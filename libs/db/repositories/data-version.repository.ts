import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from '../database.js';

/** Answers one row with the version of what the scope sees; beside other statements, of what those saw. */
export const DATA_VERSION: Statement = {
  sql: 'SELECT coalesce(sum(version), 0)::text AS version FROM data_versions',
  values: [],
};
export interface DataVersionRow {
  version: string;
}

/** Tells whether anything that readers are shown has changed. */
export class DataVersionRepository {
  constructor(private readonly database: Database) {}

  /** Equal as long as nothing of the scope has been published, discovered, imported or decided. */
  async current(scope: TenantScope): Promise<string> {
    const [row] = await this.database.query<DataVersionRow>(scope, DATA_VERSION.sql);
    return row!.version;
  }
}
