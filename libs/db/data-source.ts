import { DataSource, type MixedList } from 'typeorm';
import { entities } from './entities/index.js';

/** The schema as TypeORM migrates it: never synchronised, never creating extensions. Nothing is read or written by it. */
export function createDataSource(
  url: string,
  // oxlint-disable-next-line typescript/no-unsafe-function-type -- TypeORM's own type for migration classes
  migrations: MixedList<Function | string> = [],
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: 'azcops-migrate',
    entities,
    migrations,
    synchronize: false,
    installExtensions: false,
    uuidExtension: 'pgcrypto',
  });
}
