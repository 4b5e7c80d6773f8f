import { BILLING_ACCOUNT } from '../cost-management/dimensions.js';
import { amount, columnsOf, constant, days, resourceName, text, type ExportDialect } from './export-columns.js';

/** Columns of actual and amortized cost of an Enterprise Agreement. */
const NAMES = `
  BillingAccountId BillingAccountName BillingPeriodStartDate BillingPeriodEndDate BillingProfileId
  BillingProfileName AccountOwnerId AccountName SubscriptionId SubscriptionName Date Product PartNumber MeterId
  ServiceFamily MeterCategory MeterSubCategory MeterRegion MeterName Quantity EffectivePrice Cost UnitPrice
  BillingCurrency ResourceLocation AvailabilityZone ConsumedService ResourceId ResourceName ServiceInfo1
  ServiceInfo2 AdditionalInfo Tags InvoiceSectionId InvoiceSection CostCenter UnitOfMeasure ResourceGroup
  ReservationId ReservationName ProductOrderId ProductOrderName OfferId IsAzureCreditEligible Term PublisherName
  PlanName ChargeType Frequency PublisherType PayGPrice PricingModel CostAllocationRuleName benefitId benefitName
`;

/** Actual and amortized cost have the same columns: only the manifest tells which of them `Cost` is. */
export const enrollmentDialect: ExportDialect = {
  dataVersion: '2023-05-01',
  writeDay: (day) => `${day.slice(5, 7)}/${day.slice(8)}/${day.slice(0, 4)}`,
  columns: columnsOf(NAMES, {
    BillingAccountId: constant(BILLING_ACCOUNT),
    BillingAccountName: constant('Sandbox'),
    BillingProfileId: constant(BILLING_ACCOUNT),
    BillingPeriodStartDate: days.monthStart,
    BillingPeriodEndDate: days.monthEnd,
    Date: days.own,
    SubscriptionId: text(({ subscription }) => subscription.subscriptionId),
    SubscriptionName: text(({ subscription }) => subscription.displayName),
    Product: text(({ meter }) => `${meter.subcategory} - ${meter.name}`),
    MeterId: text(({ meter }) => meter.meterId),
    MeterCategory: text(({ meter }) => meter.category),
    MeterSubCategory: text(({ meter }) => meter.subcategory),
    MeterName: text(({ meter }) => meter.name),
    Quantity: amount('quantity'),
    Cost: amount('billed'),
    BillingCurrency: text(({ currency }) => currency),
    ResourceLocation: text(({ resourceLocation }) => resourceLocation),
    ResourceId: text(({ resourceId }) => resourceId),
    ResourceName: text(resourceName),
    // As the enrollment's files have them: an object without its braces.
    Tags: text(({ tags }) => (tags ? JSON.stringify(tags).slice(1, -1) : '')),
    UnitOfMeasure: text(({ meter }) => meter.unit),
    ResourceGroup: text(({ resourceGroup }) => resourceGroup),
    ReservationId: text(({ reservationId }) => reservationId.slice(reservationId.lastIndexOf('/') + 1)),
    ReservationName: text(({ reservationName }) => reservationName),
    IsAzureCreditEligible: constant('True'),
    ChargeType: text(({ chargeType }) => chargeType),
    Frequency: text(({ frequency }) => frequency),
    PublisherName: text(({ publisherType }) => (publisherType === 'Azure' ? 'Microsoft' : 'Contoso Marketplace')),
    PublisherType: text(({ publisherType }) => publisherType),
    PricingModel: text(({ pricingModel }) => pricingModel),
    benefitId: text(({ reservationId }) => reservationId),
    benefitName: text(({ reservationName }) => reservationName),
  }),
};
