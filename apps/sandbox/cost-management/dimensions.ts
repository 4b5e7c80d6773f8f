import { guidOf } from '../estate/seeded-random.js';
import type { Charge } from './charge.js';

/** The billing account of every subscription. */
export const BILLING_ACCOUNT = '8608480';

/** The dimensions a query can group and filter by, in the order the service lists them, and how each is read. */
const DIMENSIONS: Readonly<Record<string, (charge: Charge) => string>> = {
  ResourceGroup: ({ source }) => source.resourceGroup,
  ResourceGroupName: ({ source }) => source.resourceGroup,
  ResourceLocation: ({ source }) => source.resourceLocation,
  ResourceType: ({ source }) => source.resourceType,
  ResourceId: ({ source }) => source.resourceId,
  MeterId: ({ source }) => source.meter.meterId,
  BillingMonth: ({ day }) => `${day.slice(0, 7)}-01T00:00:00`,
  MeterCategory: ({ source }) => source.meter.category,
  MeterSubcategory: ({ source }) => source.meter.subcategory,
  Meter: ({ source }) => source.meter.name,
  AccountName: () => 'Cloud Platform',
  DepartmentName: () => 'IT',
  SubscriptionId: ({ source }) => source.subscription.subscriptionId,
  SubscriptionName: ({ source }) => source.subscription.displayName,
  ServiceName: ({ source }) => source.meter.serviceName,
  ServiceTier: ({ source }) => source.meter.serviceTier,
  EnrollmentAccountName: () => 'Cloud Platform',
  BillingAccountId: () => BILLING_ACCOUNT,
  ResourceGuid: ({ source }) => source.meter.meterId,
  BillingPeriod: ({ day }) => day.slice(0, 7).replace('-', ''),
  InvoiceNumber: () => '',
  ChargeType: ({ source }) => source.chargeType,
  PublisherType: ({ source }) => source.publisherType,
  ReservationId: ({ source }) => source.reservationId,
  ReservationName: ({ source }) => source.reservationName,
  Frequency: ({ source }) => source.frequency,
  PartNumber: ({ source }) => `AAA-${guidOf(source.meter.meterId).slice(0, 5).toUpperCase()}`,
  CostAllocationRuleName: () => '',
  MarkupRuleName: () => '',
  PricingModel: ({ source }) => source.pricingModel,
};

const NAMES = new Map(Object.keys(DIMENSIONS).map((name) => [name.toLowerCase(), name]));

/** The service's spelling of a dimension, found without regard to case. */
export function dimensionName(name: string): string | undefined {
  return NAMES.get(name.toLowerCase());
}

/** Reads a dimension named by `dimensionName`. */
export function dimensionReader(name: string): (charge: Charge) => string {
  return DIMENSIONS[name] ?? (() => '');
}

/** Reads a tag of the charged resource without regard to the key's case; empty when it has none. */
export function tagReader(key: string): (charge: Charge) => string {
  const wanted = key.toLowerCase();
  return ({ source }) => {
    for (const [name, value] of Object.entries(source.tags ?? {})) if (name.toLowerCase() === wanted) return value;
    return '';
  };
}

/** The list of dimensions as the service's error message prints it. */
export function validDimensions(): string {
  return [...Object.keys(DIMENSIONS), ''].map((name) => `'${name}'`).join(',');
}
