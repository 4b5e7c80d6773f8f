import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { VERSION } from './version.js';

/**
 * What every process tells of itself: memory, processor, event loop, and which version it is. `service` names the process
 * whatever the job is called that scrapes it, so that alerts need not know how it was deployed.
 */
export function registerProcessMetrics(registry: Registry, service: 'api' | 'ingestion'): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'azcops_build_info',
    help: 'Always 1; says which version of which process runs.',
    labelNames: ['service', 'version'],
    registers: [registry],
  }).set({ service, version: VERSION }, 1);
}
