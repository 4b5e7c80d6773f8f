import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import type { RuleCases } from './describe-rule.js';
import type { TestEstate } from './test-estate.js';

interface Given {
  sku?: string;
  tier?: string;
  cpu?: number;
  memory?: number | null;
  coverage?: number;
  properties?: object;
}

/** What a rule about underused flexible servers of the type is tried with. */
export function serverCases(type: string): RuleCases {
  const server = (estate: TestEstate, given: Given = {}): InventoryResource => {
    const {
      sku = 'Standard_D8ds_v5',
      tier = 'GeneralPurpose',
      cpu = 12,
      memory = 40,
      coverage = 1,
      properties,
    } = given;
    const subject = estate.add(type, {
      sku: { name: sku, tier },
      properties: { state: 'Ready', replicationRole: 'Primary', storage: { storageSizeGB: 128 }, ...properties },
    });
    estate.measure(subject, 'cpu_percent', { p95: cpu, coverage });
    estate.measure(subject, 'memory_percent', { p95: memory, coverage });
    estate.charge(subject, '500');
    return subject;
  };
  return {
    found: {
      'a server that the next lower size would do for': {
        given: server,
        expected: {
          reason:
            'CPU is at most 12 % and memory at most 40 % 95 % of the time; Standard_D4ds_v5 would do instead of Standard_D8ds_v5.',
          estimatedMonthlySavings: '200',
          savingsLow: '125',
          savingsHigh: '250',
          savingsMethod: 'guessed',
        },
      },
      'a step of less than half': {
        given: (estate) => server(estate, { sku: 'Standard_E20ds_v4', tier: 'MemoryOptimized', cpu: 40, memory: 60 }),
        expected: { savingsHigh: '100', evidence: expect.objectContaining({ target_sku: 'Standard_E16ds_v4' }) },
      },
    },
    fine: {
      'a server whose memory would not suffice': {
        given: (estate) => server(estate, { memory: 70 }),
        because: 'in_use',
      },
      'a server whose CPU would not suffice': { given: (estate) => server(estate, { cpu: 31 }), because: 'in_use' },
      'the smallest size': {
        given: (estate) => server(estate, { sku: 'Standard_D2ds_v4' }),
        because: 'smallest_size',
      },
    },
    leavesOut: {
      'burstable servers, which are the smallest there are': (estate) =>
        server(estate, { sku: 'Standard_B2ms', tier: 'Burstable' }),
      'read replicas, which must not be smaller than their source': [
        (estate) => server(estate, { properties: { replicationRole: 'AsyncReplica' } }),
        (estate) => server(estate, { properties: { replicationRole: 'Replica' } }),
      ],
      'stopped servers, which cost no compute': (estate) => server(estate, { properties: { state: 'Stopped' } }),
    },
    undecided: {
      no_size: (estate) => estate.add(type),
      no_state: (estate) => server(estate, { properties: { state: undefined } }),
      no_metrics: (estate) => server(estate, { memory: null }),
      low_coverage: (estate) => server(estate, { coverage: 0.1 }),
    },
  };
}
