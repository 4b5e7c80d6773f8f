import { SUBSCRIPTION_TYPE } from '../estate.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** What Dev/Test offers charge less for: licences of Windows and SQL Server, and App Service. */
const DISCOUNTED =
  /^(virtual machines( licenses)?|azure app service|sql database|sql managed instance|logic apps|cloud services)$/i;

/** Subscriptions for development that pay production’s prices. */
export const productionOfferOutsideProduction = defineRule({
  id: 'production-offer-outside-production',
  title: 'Move the subscription to a Dev/Test offer',
  finds:
    'Subscriptions of an Enterprise Agreement, Customer Agreement or pay-as-you-go whose resources nearly all carry a tag that places them outside production. Dev/Test offers charge no Windows and SQL Server licences and less for App Service.',
  leavesOut: [
    'subscriptions on a Dev/Test or Visual Studio offer already, and offers that have no Dev/Test counterpart',
    'subscriptions of which too little is tagged to tell',
    'nearly empty subscriptions',
  ],
  savings:
    'A guess: nothing to 40 %, likely 15 %, of what machines, App Service and SQL cost, because Linux machines and what is licensed already become no cheaper.',
  category: 'rate',
  action: 'relicense',
  impact: 'Medium',
  risk: 'low',
  effort: 'medium',
  resourceTypes: [SUBSCRIPTION_TYPE],
  needs: ['costs'],
  thresholds: {
    outsideShare: {
      default: 95,
      minimum: 50,
      maximum: 100,
      unit: '%',
      meaning: 'Which part of the resources with an environment tag must be outside production',
    },
    resourcesFrom: {
      default: 5,
      minimum: 1,
      maximum: 1000,
      unit: 'resources',
      meaning: 'How many resources must have an environment tag at least',
    },
  },
  runbook: {
    check: [
      'Everyone who uses the subscription needs a Visual Studio subscription, and nothing in it may serve production; Dev/Test has no service level agreement.',
      'Enterprise Agreement: an enterprise administrator must have allowed Dev/Test for the account.',
    ],
    azureCli: ['az account show --subscription {subscription} --query "{name:name, id:id, state:state}"'],
    portal: [
      'Open **Subscriptions**, choose `{name}`, **Change offer** (pay-as-you-go); with an Enterprise or Customer Agreement open **Cost Management + Billing** and change the plan to Dev/Test, or move the resources to a new Dev/Test subscription.',
    ],
    terraform: 'For new subscriptions set `workload = "DevTest"` on `azurerm_subscription`.',
    verify: ['The subscription’s overview shows the Dev/Test offer; licence charges end with the change.'],
    undo: ['Change the offer back in the same place; the price changes from that day on.'],
  },
  links: [
    {
      title: 'Change your Azure subscription to a different offer',
      url: 'https://learn.microsoft.com/azure/cost-management-billing/manage/switch-azure-offer',
    },
  ],
  evaluate(_, { estate, thresholds }) {
    const { quotaId, resources } = estate.facts;
    if (quotaId === null) return undecided('no_offer');
    if (!/^(enterpriseagreement|payasyougo)_/i.test(quotaId)) return fine('other_offer');
    const tagged = resources.filter((resource) => environmentOf(resource) !== undefined);
    if (tagged.length < thresholds.resourcesFrom) return fine('nearly_empty');
    if (2 * tagged.length < resources.length) return fine('hardly_tagged');
    const outside = tagged.filter(isNotProduction).length;
    const share = (100 * outside) / tagged.length;
    if (share < thresholds.outsideShare) return fine('production');
    const cost = estate.costWhere(({ meterCategory }) => DISCOUNTED.test(meterCategory ?? ''));
    return found({
      reason: `${outside} of ${tagged.length} tagged resources are outside production; the offer is ${quotaId}.`,
      evidence: { quota_id: quotaId, resources: resources.length, tagged: tagged.length, outside_production: outside },
      saving: guessed(cost, { low: 0, likely: 0.15, high: 0.4 }),
      certainty: 0.6,
    });
  },
});
