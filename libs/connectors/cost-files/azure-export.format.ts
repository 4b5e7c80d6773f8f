import { billingMonthOf, type CostFileFormat } from './cost-file-row.js';

/**
 * Cost Management exports of EA and MCA, actual or amortized: both have the same header, so the kind comes from outside.
 * These files name no service; Azure's own cost analysis shows the meter category in its place, and so do we.
 */
export const azureExportFormat: CostFileFormat = {
  source: 'azure-export-file',
  columns: [
    'Date',
    'UsageDate',
    'UsageDateTime',
    'CostInBillingCurrency',
    'Cost',
    'PreTaxCost',
    'MeterCategory',
    'BillingPeriodStartDate',
    'BillingPeriodStart',
    'SubscriptionName',
    'BillingAccountId',
    'BillingAccount',
    'SubscriptionId',
    'SubscriptionGuid',
    'ResourceGroup',
    'ResourceGroupName',
    'ServiceName',
    'ChargeType',
    'PricingModel',
    'PublisherType',
    'ResourceLocation',
    'ResourceId',
    'InstanceId',
    'InstanceName',
    'BillingCurrency',
    'BillingCurrencyCode',
    'Currency',
  ],
  kind: null,
  read: (row, kind) => {
    const day = row.day('Date', 'UsageDate', 'UsageDateTime');
    const amount = row.amount('CostInBillingCurrency', 'Cost', 'PreTaxCost');
    const meterCategory = row.text('MeterCategory');
    return {
      billingMonth: billingMonthOf(row, day, 'BillingPeriodStartDate', 'BillingPeriodStart'),
      subscriptionName: row.text('SubscriptionName'),
      record: {
        day,
        provider: 'Microsoft',
        billingAccountId: row.text('BillingAccountId', 'BillingAccount'),
        // Where there are both, SubscriptionId is a number of the enrollment's own.
        subscriptionId: row.lower('SubscriptionGuid', 'SubscriptionId'),
        resourceGroup: row.lower('ResourceGroup', 'ResourceGroupName'),
        serviceName: row.text('ServiceName') ?? meterCategory,
        meterCategory,
        chargeType: row.text('ChargeType'),
        pricingModel: row.text('PricingModel'),
        publisher: row.text('PublisherType'),
        location: row.lower('ResourceLocation'),
        resourceId: row.lower('ResourceId', 'InstanceId', 'InstanceName'),
        currency: row.currency('BillingCurrency', 'BillingCurrencyCode', 'Currency'),
        cost: kind === 'actual' ? amount : null,
        amortizedCost: kind === 'amortized' ? amount : null,
      },
    };
  },
};
