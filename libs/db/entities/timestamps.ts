import { CreateDateColumn, UpdateDateColumn } from 'typeorm';

/** The two columns that every table has. */
export abstract class Timestamps {
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt: Date;
}
