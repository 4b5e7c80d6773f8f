import { BILLING_ACCOUNT } from '../cost-management/dimensions.js';
import { amount, columnsOf, constant, days, resourceName, text, type ExportDialect } from './export-columns.js';

/** Columns of FOCUS 1.2 as Cost Management exports them. */
const NAMES = `
  BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency BillingPeriodEnd
  BillingPeriodStart CapacityReservationId CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription
  ChargeFrequency ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId
  CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType
  CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost InvoiceId
  InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingCurrency PricingQuantity PricingUnit
  ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName
  ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId SubAccountName SubAccountType Tags
  x_AccountId x_AccountName x_AccountOwnerId x_AmortizationClass x_BilledCostInUsd x_BilledUnitPrice
  x_BillingAccountId x_BillingAccountName x_BillingExchangeRate x_BillingExchangeRateDate x_BillingProfileId
  x_BillingProfileName x_ContractedCostInUsd x_CostAllocationRuleName x_CostCenter x_CustomerId x_CustomerName
  x_EffectiveCostInUsd x_EffectiveUnitPrice x_InvoiceIssuerId x_InvoiceSectionId x_InvoiceSectionName
  x_ListCostInUsd x_PartnerCreditApplied x_PartnerCreditRate x_PricingBlockSize x_PricingSubcategory
  x_PricingUnitDescription x_PublisherCategory x_PublisherId x_ResellerId x_ResellerName x_ResourceGroupName
  x_ResourceType x_ServiceModel x_ServicePeriodEnd x_ServicePeriodStart x_SkuDescription x_SkuIsCreditEligible
  x_SkuMeterCategory x_SkuMeterId x_SkuMeterSubcategory x_SkuOfferId x_SkuOrderId x_SkuOrderName x_SkuPartNumber
  x_SkuPlanName x_SkuRegion x_SkuServiceFamily x_SkuTerm x_SkuTier
`;

const CATEGORIES = { Usage: 'Usage', UnusedReservation: 'Usage', Purchase: 'Purchase', Refund: 'Usage' } as const;
const FREQUENCIES = { UsageBased: 'Usage-Based', Recurring: 'Recurring', OneTime: 'One-Time' } as const;
const PRICING = { OnDemand: 'Standard', Reservation: 'Committed', Spot: 'Dynamic' } as const;

/** FOCUS 1.2: billed and effective cost in one line, days as instants in UTC. */
export const focusDialect: ExportDialect = {
  dataVersion: '1.2',
  writeDay: (day) => `${day}T00:00Z`,
  columns: columnsOf(NAMES, {
    BilledCost: amount('billed'),
    ContractedCost: amount('billed'),
    ListCost: amount('billed'),
    EffectiveCost: amount('effective'),
    ConsumedQuantity: amount('quantity'),
    PricingQuantity: amount('quantity'),
    BillingAccountId: constant(`/providers/Microsoft.Billing/billingAccounts/${BILLING_ACCOUNT}`),
    BillingAccountName: constant('Sandbox'),
    BillingAccountType: constant('Billing Account'),
    BillingCurrency: text(({ currency }) => currency),
    PricingCurrency: constant('USD'),
    BillingPeriodStart: days.monthStart,
    BillingPeriodEnd: days.nextMonth,
    ChargePeriodStart: days.own,
    ChargePeriodEnd: days.next,
    ChargeCategory: text(({ chargeType }) => CATEGORIES[chargeType]),
    ChargeClass: text(({ chargeType }) => (chargeType === 'Refund' ? 'Correction' : '')),
    ChargeDescription: text(({ meter }) => `${meter.category} - ${meter.name}`),
    ChargeFrequency: text(({ frequency }) => FREQUENCIES[frequency]),
    CommitmentDiscountCategory: text(({ reservationId }) => (reservationId ? 'Usage' : '')),
    CommitmentDiscountId: text(({ reservationId }) => reservationId),
    CommitmentDiscountName: text(({ reservationName }) => reservationName),
    CommitmentDiscountStatus: text(({ reservationId, chargeType }) =>
      !reservationId || chargeType === 'Purchase' ? '' : chargeType === 'UnusedReservation' ? 'Unused' : 'Used',
    ),
    CommitmentDiscountType: text(({ reservationId }) => (reservationId ? 'Reservation' : '')),
    ConsumedUnit: text(({ meter }) => meter.unit),
    PricingUnit: text(({ meter }) => meter.unit),
    InvoiceIssuerName: constant('Microsoft'),
    PricingCategory: text(({ pricingModel }) => PRICING[pricingModel]),
    ProviderName: constant('Microsoft'),
    PublisherName: text(({ publisherType }) => (publisherType === 'Azure' ? 'Microsoft' : 'Contoso Marketplace')),
    RegionId: text(({ resourceLocation }) => resourceLocation),
    ResourceId: text(({ resourceId }) => resourceId),
    ResourceName: text(resourceName),
    ResourceType: text(({ resourceType }) => resourceType),
    ServiceName: text(({ meter }) => meter.serviceName),
    SkuMeter: text(({ meter }) => meter.name),
    SubAccountId: text(({ subscription }) => `/subscriptions/${subscription.subscriptionId}`),
    SubAccountName: text(({ subscription }) => subscription.displayName),
    SubAccountType: constant('Subscription'),
    Tags: text(({ tags }) => JSON.stringify(tags ?? {})),
    x_BillingAccountId: constant(BILLING_ACCOUNT),
    x_PublisherCategory: text(({ publisherType }) => (publisherType === 'Azure' ? 'Cloud Provider' : 'Vendor')),
    x_ResourceGroupName: text(({ resourceGroup }) => resourceGroup),
    x_ResourceType: text(({ resourceType }) => resourceType),
    x_SkuMeterCategory: text(({ meter }) => meter.category),
    x_SkuMeterId: text(({ meter }) => meter.meterId),
    x_SkuMeterSubcategory: text(({ meter }) => meter.subcategory),
    x_SkuTier: text(({ meter }) => meter.serviceTier),
  }),
};
