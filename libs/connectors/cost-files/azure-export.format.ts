import type { CostDimension } from '#core/records.js';
import type { CostFileColumns, CostFileFormat } from './cost-file-row.js';
import type { RowReader } from './row-reader.js';

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
  amounts: ['CostInBillingCurrency', 'Cost', 'PreTaxCost'],
  kind: null,
  reader: (columns, kind) => {
    const dayOf = columns.day('Date', 'UsageDate', 'UsageDateTime');
    const amountOf = columns.amount('CostInBillingCurrency', 'Cost', 'PreTaxCost');
    const billingMonthOf = columns.billingMonth('BillingPeriodStartDate', 'BillingPeriodStart');
    const subscriptionName = columns.text('SubscriptionName');
    const dimension = columns.together(dimensionOf);
    const currency = columns.currency('BillingCurrency', 'BillingCurrencyCode', 'Currency');
    return (row) => {
      const day = dayOf(row);
      const amount = amountOf(row);
      return {
        billingMonth: billingMonthOf(row, day),
        subscriptionName: subscriptionName(row),
        record: {
          day,
          dimension: dimension(row),
          currency: currency(row),
          cost: kind === 'actual' ? amount : null,
          amortizedCost: kind === 'amortized' ? amount : null,
        },
      };
    };
  },
};

function dimensionOf(columns: CostFileColumns): RowReader<CostDimension> {
  const resourceId = columns.lower('ResourceId', 'InstanceId', 'InstanceName');
  const meter = columns.key(['MeterCategory']);
  const billingAccountId = columns.key(['BillingAccountId', 'BillingAccount']);
  // Where there are both, SubscriptionId is a number of the enrollment's own.
  const subscriptionId = columns.key(['SubscriptionGuid', 'SubscriptionId'], (text) => text.toLowerCase());
  const resourceGroup = columns.lower('ResourceGroup', 'ResourceGroupName');
  const serviceName = columns.key(['ServiceName']);
  const chargeType = columns.text('ChargeType');
  const pricingModel = columns.text('PricingModel');
  const publisher = columns.text('PublisherType');
  const location = columns.lower('ResourceLocation');
  return (row) => {
    const meterCategory = meter(row);
    return {
      provider: 'Microsoft',
      billingAccountId: billingAccountId(row),
      subscriptionId: subscriptionId(row),
      resourceGroup: resourceGroup(row),
      serviceName: serviceName(row) ?? meterCategory,
      meterCategory,
      chargeType: chargeType(row),
      pricingModel: pricingModel(row),
      publisher: publisher(row),
      location: location(row),
      resourceId: resourceId(row),
    };
  };
}
