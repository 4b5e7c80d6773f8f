import type { z } from 'zod';
import type { SandboxRequest } from './exchange.js';
import type { Fault, FaultEffect, faultSchema } from './fault.js';
import { PageMemory, fitsPage } from './page-faults.js';
import type { PagedAnswer } from './paged-answer.js';
import type { ServiceName } from './router.js';

/** What a fault is matched with. */
export interface FaultTarget {
  readonly service: ServiceName;
  readonly request: SandboxRequest;
  readonly tenantId?: string;
}

/** The faults that wait for requests. */
export class FaultRegistry {
  readonly memory = new PageMemory();
  private faults: Fault[] = [];
  /** How many matching requests each `every` has seen. */
  private readonly seen = new Map<Fault, number>();
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
    this.seen.clear();
  }

  /** The first fault for a request; counts it down. */
  take(target: FaultTarget): FaultEffect | undefined {
    return this.first((fault) => !changesPages(fault) && matches(fault, target));
  }

  /** Whether an answer to this request may have to be looked at as a page. */
  watchesPages(target: FaultTarget): boolean {
    return this.faults.some((fault) => changesPages(fault) && matches(fault, target));
  }

  /** The first fault for a page of a real answer; counts it down. */
  takePage(target: FaultTarget, answer: PagedAnswer): FaultEffect | undefined {
    return this.first((fault) => changesPages(fault) && matches(fault, target) && fitsPage(fault, answer, this.memory));
  }

  private first(hits: (fault: Fault) => boolean): FaultEffect | undefined {
    for (const fault of this.faults) {
      if (!hits(fault)) continue;
      if (fault.after > 0) {
        fault.after--;
        continue;
      }
      const seen = this.seen.get(fault) ?? 0;
      this.seen.set(fault, seen + 1);
      if (seen % fault.every !== 0) continue;
      if (fault.times === 1) {
        this.faults = this.faults.filter((other) => other !== fault);
        this.seen.delete(fault);
      } else if (fault.times > 1) fault.times--;
      return fault;
    }
    return undefined;
  }
}

function changesPages({ nextLink, page }: Fault): boolean {
  return nextLink !== undefined || page !== undefined;
}

function matches(fault: Fault, { service, request, tenantId }: FaultTarget): boolean {
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
