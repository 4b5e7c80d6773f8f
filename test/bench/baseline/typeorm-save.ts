import { DataSource, Column, Entity, PrimaryColumn } from 'typeorm';
import type { BaselineRow } from './raw-copy.js';

@Entity('bench_saved')
class SavedCost {
  @PrimaryColumn({ name: 'dimension_id', type: 'bigint' })
  dimensionId: number;

  @PrimaryColumn({ type: 'date' })
  day: string;

  @PrimaryColumn({ type: 'text' })
  currency: string;

  @Column({ type: 'numeric', nullable: true })
  cost: string | null;

  @Column({ name: 'amortized_cost', type: 'numeric', nullable: true })
  amortizedCost: string | null;
}

/** The same rows by TypeORM's `save`, in chunks and one transaction. Answers the seconds, commit included. */
export async function typeormSave(
  ownerUrl: string,
  rows: Iterable<BaselineRow>,
): Promise<{ rows: number; seconds: number }> {
  const source = await new DataSource({ type: 'postgres', url: ownerUrl, entities: [SavedCost] }).initialize();
  try {
    await source.query(`
      DROP TABLE IF EXISTS bench_saved;
      CREATE TABLE bench_saved (dimension_id bigint, day date, currency text, cost numeric, amortized_cost numeric,
                                PRIMARY KEY (dimension_id, day, currency))`);
    const repository = source.getRepository(SavedCost);
    const entities = [...rows].map(({ dimension, ...row }) => repository.create({ ...row, dimensionId: dimension }));
    const startedAt = performance.now();
    await repository.save(entities, { chunk: 500 });
    const seconds = (performance.now() - startedAt) / 1_000;
    await source.query('DROP TABLE bench_saved');
    return { rows: entities.length, seconds };
  } finally {
    await source.destroy();
  }
}
