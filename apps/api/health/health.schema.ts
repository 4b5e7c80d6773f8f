import { z } from 'zod';

export const liveness = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Liveness' });

export const health = z
  .object({ status: z.enum(['ok', 'unavailable']), version: z.string(), database: z.enum(['up', 'down']) })
  .meta({ id: 'Health' });
