import { DataSource } from 'typeorm';
import type { BaselineTable } from './tables.js';

/** The same rows by TypeORM's `save`, in chunks and one transaction. Answers the seconds, commit included. */
export async function typeormSave<Row>(
  ownerUrl: string,
  { name, columns, primaryKey, entity, saved }: BaselineTable<Row>,
  rows: Iterable<Row>,
): Promise<{ rows: number; seconds: number }> {
  const source = await new DataSource({ type: 'postgres', url: ownerUrl, entities: [entity] }).initialize();
  try {
    await source.query(`DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name} (${columns}, PRIMARY KEY (${primaryKey}))`);
    const repository = source.getRepository(entity);
    const entities = Array.from(rows, (row) => repository.create(saved(row)));
    const startedAt = performance.now();
    await repository.save(entities, { chunk: 500 });
    const seconds = (performance.now() - startedAt) / 1_000;
    await source.query(`DROP TABLE ${name}`);
    return { rows: entities.length, seconds };
  } finally {
    await source.destroy();
  }
}
