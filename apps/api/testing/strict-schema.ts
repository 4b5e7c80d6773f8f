import { z } from 'zod';

/**
 * The same schema in which every object refuses members that it does not name; objects declared loose stay so.
 * An answer that passes shows nothing that is not documented.
 */
export function strict<Schema extends z.ZodType>(schema: Schema): Schema {
  return rebuild(schema) as unknown as Schema;
}

function rebuild(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape as Record<string, z.core.$ZodType>);
    const shape = Object.fromEntries(members.map(([name, member]) => [name, rebuild(member)]));
    return schema.def.catchall ? z.object(shape).catchall(schema.def.catchall as z.ZodType) : z.strictObject(shape);
  }
  if (schema instanceof z.ZodArray) return z.array(rebuild(schema.element));
  if (schema instanceof z.ZodNullable) return rebuild(schema.unwrap()).nullable();
  if (schema instanceof z.ZodOptional) return rebuild(schema.unwrap()).optional();
  return schema as z.ZodType;
}
