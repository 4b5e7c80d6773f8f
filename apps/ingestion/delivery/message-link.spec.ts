import { expect, it } from 'vitest';
import { loadConfig } from '#core/config.js';
import { toldRecommendation } from '../../../libs/delivery/testing/told.js';
import { messageLink } from './message-link.js';

const portal = loadConfig([], {}).delivery.linkTemplate;

it.each([
  [
    portal,
    { resourceId: '/subscriptions/s/resourcegroups/a b/providers/x' },
    'https://portal.azure.com/#@t/resource/subscriptions/s/resourcegroups/a%20b/providers/x',
  ],
  [portal, { resourceId: null, subscriptionId: 's' }, 'https://portal.azure.com/#@t/resource/subscriptions/s'],
  [portal, { resourceId: null, subscriptionId: null }, 'https://portal.azure.com/#@t/resource'],
  ['https://finops.example/{recommendation_id}?x={unknown}', { id: 'r' }, 'https://finops.example/r?x={unknown}'],
])('a link of %s leads to %j', (template, changes, link) => {
  expect(messageLink(template, toldRecommendation({ azureTenantId: 't', ...changes }))).toBe(link);
});
