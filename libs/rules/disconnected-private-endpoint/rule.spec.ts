import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { disconnectedPrivateEndpoint } from './rule.js';

const connection = (status?: string) => ({
  properties: {
    privateLinkServiceId: '/storageAccounts/gone',
    groupIds: ['blob'],
    privateLinkServiceConnectionState: { status },
  },
});
const endpoint = (estate: TestEstate, own: (string | undefined)[], manual: string[] = []) =>
  estate.add('microsoft.network/privateendpoints', {
    name: 'pe',
    properties: {
      privateLinkServiceConnections: own.map(connection),
      manualPrivateLinkServiceConnections: manual.map(connection),
    },
  });

describeRule(disconnectedPrivateEndpoint, {
  found: {
    'an endpoint whose service is gone': {
      given: (estate) => {
        const subject = endpoint(estate, ['Disconnected']);
        estate.charge(subject, '7.2', { meterCategory: 'Virtual Network' });
        return subject;
      },
      expected: {
        reason: 'The endpoint’s connection is disconnected.',
        estimatedMonthlySavings: '7.2',
        savingsMethod: 'measured',
        confidence: '0.95',
        evidence: { connection_state: 'Disconnected', service: '/storageAccounts/gone', group_ids: ['blob'] },
      },
    },
    'an endpoint that its service turned away': {
      given: (estate) => endpoint(estate, [], ['Rejected']),
      expected: { reason: 'The endpoint’s connection is rejected.' },
    },
  },
  fine: {
    'an endpoint that is connected': { given: (estate) => endpoint(estate, ['Approved']), because: 'connected' },
    'an endpoint with one connection of two': {
      given: (estate) => endpoint(estate, ['Disconnected'], ['Approved']),
      because: 'connected',
    },
  },
  leavesOut: {
    'endpoints that wait for approval': [
      (estate) => endpoint(estate, [], ['Pending']),
      (estate) => endpoint(estate, ['Disconnected'], ['Pending']),
    ],
  },
  undecided: {
    no_connection_state: [(estate) => endpoint(estate, []), (estate) => endpoint(estate, [undefined, 'Disconnected'])],
  },
});
