import type { CostDimension } from '#core/records.js';
import type { CostFileColumns, CostFileFormat } from './cost-file-row.js';
import { remembered } from './remembered.js';
import type { RowReader } from './row-reader.js';

const AZURE_SUBSCRIPTION = /^\/subscriptions\/([0-9a-f-]{36})$/i;
const AZURE_RESOURCE_GROUP = /\/resourcegroups\/([^/]+)/i;

/**
 * FOCUS 1.0–1.2 of any provider: BilledCost and EffectiveCost, at the columns the specification names.
 * `x_` columns are Azure's extensions; where they are absent their dimension is not provided.
 */
export const focusFormat: CostFileFormat = {
  source: 'focus-file',
  columns: [
    'ChargePeriodStart',
    'SubAccountId',
    'ResourceId',
    'BillingPeriodStart',
    'SubAccountName',
    'ProviderName',
    'BillingAccountId',
    'x_ResourceGroupName',
    'ServiceName',
    'x_SkuMeterCategory',
    'ChargeCategory',
    'PricingCategory',
    'PublisherName',
    'RegionId',
    'BillingCurrency',
    'BilledCost',
    'EffectiveCost',
  ],
  amounts: ['BilledCost', 'EffectiveCost'],
  kind: 'both',
  reader: (columns) => {
    const dayOf = columns.day('ChargePeriodStart');
    const billingMonthOf = columns.billingMonth('BillingPeriodStart');
    const subscriptionName = columns.text('SubAccountName');
    const dimension = columns.together(dimensionOf);
    const currency = columns.currency('BillingCurrency');
    const cost = columns.amount('BilledCost');
    const amortizedCost = columns.amount('EffectiveCost');
    return (row) => {
      const day = dayOf(row);
      return {
        billingMonth: billingMonthOf(row, day),
        subscriptionName: subscriptionName(row),
        record: {
          day,
          dimension: dimension(row),
          currency: currency(row),
          cost: cost(row),
          amortizedCost: amortizedCost(row),
        },
      };
    };
  },
};

function dimensionOf(columns: CostFileColumns): RowReader<CostDimension> {
  const resource = columns.lower('ResourceId');
  const provider = columns.requiredKey('ProviderName');
  const billingAccountId = columns.key(['BillingAccountId']);
  // Azure writes the resource id of the subscription where others write a plain id.
  const subscriptionId = columns.key(['SubAccountId'], (text) => {
    const id = text.toLowerCase();
    return AZURE_SUBSCRIPTION.exec(id)?.[1] ?? id;
  });
  const resourceGroup = columns.lower('x_ResourceGroupName');
  const groupOf = remembered((id) => AZURE_RESOURCE_GROUP.exec(id)?.[1] ?? null);
  const serviceName = columns.key(['ServiceName']);
  const meterCategory = columns.text('x_SkuMeterCategory');
  const chargeType = columns.text('ChargeCategory');
  const pricingModel = columns.text('PricingCategory');
  const publisher = columns.text('PublisherName');
  const location = columns.lower('RegionId');
  return (row) => {
    const resourceId = resource(row);
    return {
      provider: provider(row),
      billingAccountId: billingAccountId(row),
      subscriptionId: subscriptionId(row),
      resourceGroup: resourceGroup(row) ?? (resourceId === null ? null : groupOf(resourceId)),
      serviceName: serviceName(row),
      meterCategory: meterCategory(row),
      chargeType: chargeType(row),
      pricingModel: pricingModel(row),
      publisher: publisher(row),
      location: location(row),
      resourceId,
    };
  };
}
