import { billingMonthOf, type CostFileFormat } from './cost-file-row.js';

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
  kind: 'both',
  read: (row) => {
    const day = row.day('ChargePeriodStart');
    const subAccount = row.lower('SubAccountId');
    const resourceId = row.lower('ResourceId');
    return {
      billingMonth: billingMonthOf(row, day, 'BillingPeriodStart'),
      subscriptionName: row.text('SubAccountName'),
      record: {
        day,
        provider: row.required('ProviderName'),
        billingAccountId: row.text('BillingAccountId'),
        // Azure writes the resource id of the subscription where others write a plain id.
        subscriptionId: subAccount && (AZURE_SUBSCRIPTION.exec(subAccount)?.[1] ?? subAccount),
        resourceGroup: row.lower('x_ResourceGroupName') ?? AZURE_RESOURCE_GROUP.exec(resourceId ?? '')?.[1] ?? null,
        serviceName: row.text('ServiceName'),
        meterCategory: row.text('x_SkuMeterCategory'),
        chargeType: row.text('ChargeCategory'),
        pricingModel: row.text('PricingCategory'),
        publisher: row.text('PublisherName'),
        location: row.lower('RegionId'),
        resourceId,
        currency: row.currency('BillingCurrency'),
        cost: row.amount('BilledCost'),
        amortizedCost: row.amount('EffectiveCost'),
      },
    };
  },
};
