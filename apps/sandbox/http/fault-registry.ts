import { z } from 'zod';
import type { SandboxRequest } from './exchange.js';
import { SERVICE_NAMES, type ServiceName } from './router.js';

/** A fault as it is ordered: what it matches, what it does, and how often. */
export const faultSchema = z
  .strictObject({
    service: z.enum(SERVICE_NAMES).optional(),
    method: z.string().optional(),
    pathContains: z.string().optional(),
    tenant: z.string().optional(),
    subscription: z.string().optional(),
    /** How many requests it hits; 0 means until it is cleared. */
    times: z.int().min(0).default(1),
    /** How many matching requests pass before it starts. */
    after: z.int().min(0).default(0),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    delayMs: z.int().min(0).max(600_000).optional(),
    hangUp: z.boolean().optional(),
    truncate: z.boolean().optional(),
    malformed: z.boolean().optional(),
  })
  .refine(
    (fault) => fault.status ?? fault.delayMs ?? fault.hangUp ?? fault.truncate ?? fault.malformed,
    'a fault needs one of status, delayMs, hangUp, truncate, malformed',
  );

type Fault = z.infer<typeof faultSchema> & { readonly id: string };

/** What a fault does to the request it hits. */
export type FaultEffect = Pick<
  Fault,
  'id' | 'status' | 'headers' | 'body' | 'delayMs' | 'hangUp' | 'truncate' | 'malformed'
>;

/** The faults that wait for requests. */
export class FaultRegistry {
  private faults: Fault[] = [];
  private count = 0;

  /** Adds a fault and returns it with its id. */
  add(fault: z.infer<typeof faultSchema>): Fault {
    const added = { ...fault, id: `fault-${++this.count}` };
    this.faults.push(added);
    return added;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** The first fault for a request; counts it down. */
  take(target: { service: ServiceName; request: SandboxRequest; tenantId?: string }): FaultEffect | undefined {
    for (const fault of this.faults) {
      if (!matches(fault, target)) continue;
      if (fault.after > 0) {
        fault.after--;
        continue;
      }
      if (fault.times === 1) this.faults = this.faults.filter((other) => other !== fault);
      else if (fault.times > 1) fault.times--;
      return fault;
    }
    return undefined;
  }
}

function matches(
  fault: Fault,
  { service, request, tenantId }: { service: ServiceName; request: SandboxRequest; tenantId?: string },
): boolean {
  const path = request.path.toLowerCase();
  return (
    (fault.service === undefined || fault.service === service) &&
    (fault.method === undefined || fault.method.toUpperCase() === request.method) &&
    (fault.pathContains === undefined || path.includes(fault.pathContains.toLowerCase())) &&
    (fault.tenant === undefined ||
      tenantId === fault.tenant.toLowerCase() ||
      path.startsWith(`/${fault.tenant.toLowerCase()}/`)) &&
    (fault.subscription === undefined ||
      path.includes(`/subscriptions/${fault.subscription.toLowerCase()}`) ||
      request.body.includes(fault.subscription))
  );
}
