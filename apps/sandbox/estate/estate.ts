import { guidOf, hash32 } from './seeded-random.js';
import { COMPANIES, SUBSCRIPTION_PURPOSES } from './names.js';

/** How large the generated estate is; counts of subscriptions are per tenant, of resources per subscription. */
export interface EstateSize {
  readonly seed: number;
  readonly tenants: number;
  readonly subscriptions: number;
  readonly resources: number;
  /** Exact number of virtual machines among the resources; left to chance when undefined. */
  readonly machines?: number;
  /** Whether each subscription has, besides, waste of every kind and what looks like it and is none. */
  readonly planted?: boolean;
  /** How many of each tenant's subscriptions (the last ones) never had a charge. */
  readonly emptySubscriptions: number;
}

/** A person who can sign in to the AzCops API. */
export interface DemoUser {
  readonly objectId: string;
  readonly displayName: string;
  readonly username: string;
  readonly role: 'AzCops.Admin' | 'AzCops.Approver' | 'AzCops.Reader';
}

export const SUBSCRIPTION_STATES = ['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted'] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];

/**
 * What the application may read of a subscription: everything; costs and the subscription itself, but no resources;
 * or nothing, so that it is not even listed.
 */
export const SUBSCRIPTION_ACCESS = ['reader', 'costs-only', 'none'] as const;
export type SubscriptionAccess = (typeof SUBSCRIPTION_ACCESS)[number];

/** What can change about a subscription after it was created. */
export type SubscriptionChange = Partial<
  Pick<Subscription, 'state' | 'quotaId' | 'tenantId' | 'managedByTenants' | 'access'>
>;

/** A subscription as Resource Manager and billing know it. */
export interface Subscription {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly environment: 'prod' | 'staging' | 'dev';
  readonly state: SubscriptionState;
  readonly quotaId: string;
  /** Tenants it is delegated to, by Azure Lighthouse. */
  readonly managedByTenants: readonly string[];
  readonly access: SubscriptionAccess;
  readonly tags: Readonly<Record<string, string>>;
  /** Billing currency of everything but, where present, its marketplace charges. */
  readonly currency: 'USD' | 'EUR';
  readonly marketplaceCurrency: 'USD' | 'EUR';
  readonly hasCharges: boolean;
  /** What is planted in it, if anything is: waste of every kind, or only what a place to experiment has. */
  readonly plants: 'everything' | 'experiments';
  /** Seed of everything generated below this subscription. */
  readonly seed: number;
}

/** A directory of the estate. */
export interface Tenant {
  readonly tenantId: string;
  readonly displayName: string;
  /** Domain of the user names. */
  readonly domain: string;
  readonly type: 'internal' | 'external';
  readonly users: readonly DemoUser[];
  readonly subscriptions: readonly Subscription[];
}

/** The tenants and subscriptions of one seed; resources are generated per subscription when they are asked for. */
export class Estate {
  readonly tenants: readonly Tenant[];
  readonly application: { readonly clientId: string; readonly clientSecret: string; readonly objectId: string };
  /** Grows with every change. */
  version = 0;
  private readonly subscriptionsById = new Map<string, Subscription>();

  constructor(readonly size: EstateSize) {
    this.tenants = Array.from({ length: size.tenants }, (_, index) => createTenant(size, index));
    for (const tenant of this.tenants) {
      for (const subscription of tenant.subscriptions) {
        this.subscriptionsById.set(subscription.subscriptionId, subscription);
      }
    }
    this.application = {
      clientId: guidOf(size.seed, 'application'),
      clientSecret: `sandbox~${guidOf(size.seed, 'application-secret').replaceAll('-', '')}`,
      objectId: guidOf(size.seed, 'service-principal'),
    };
  }

  /** The directory AzCops itself lives in. */
  get homeTenant(): Tenant {
    return this.tenants[0] as Tenant;
  }

  findTenant(tenantId: string): Tenant | undefined {
    const id = tenantId.toLowerCase();
    return this.tenants.find((tenant) => tenant.tenantId === id);
  }

  findSubscription(subscriptionId: string): Subscription | undefined {
    return this.subscriptionsById.get(subscriptionId.toLowerCase());
  }

  /** The subscriptions a token of the tenant lists: its own and, after them, those delegated to it. */
  subscriptionsOf(tenantId: string): readonly Subscription[] {
    const own = this.findTenant(tenantId)?.subscriptions ?? [];
    const delegated = [...this.subscriptionsById.values()].filter(({ managedByTenants }) =>
      managedByTenants.includes(tenantId),
    );
    return [...own, ...delegated].filter(({ access }) => access !== 'none');
  }

  /** Changes a subscription in place; one that moves to another tenant is listed there, if the estate has it. */
  change(subscription: Subscription, change: SubscriptionChange): void {
    this.version++;
    const { tenantId = subscription.tenantId } = change;
    if (tenantId !== subscription.tenantId) {
      const former = this.findTenant(subscription.tenantId)?.subscriptions as Subscription[] | undefined;
      former?.splice(former.indexOf(subscription), 1);
      (this.findTenant(tenantId)?.subscriptions as Subscription[] | undefined)?.push(subscription);
    }
    Object.assign(subscription, change);
  }
}

function createTenant(size: EstateSize, index: number): Tenant {
  const company = COMPANIES[index % COMPANIES.length] as string;
  const round = Math.floor(index / COMPANIES.length);
  const displayName = round === 0 ? company : `${company} ${round + 1}`;
  const tenantId = guidOf(size.seed, 'tenant', index);
  const domain = `${displayName.toLowerCase().replaceAll(' ', '')}.example`;
  return {
    tenantId,
    displayName,
    domain,
    type: index === 0 ? 'internal' : 'external',
    users: (['Admin', 'Approver', 'Reader'] as const).map((role) => ({
      objectId: guidOf(size.seed, 'user', index, role),
      displayName: `${displayName} ${role}`,
      username: `${role.toLowerCase()}@${domain}`,
      role: `AzCops.${role}` as const,
    })),
    subscriptions: [
      ...Array.from({ length: size.subscriptions }, (_, n) =>
        createSubscription(size, tenantId, displayName, index, n),
      ),
      ...(size.planted ? [createPlayground(size, tenantId, displayName, index)] : []),
    ],
  };
}

/** A subscription beyond the counted ones, in which everything is of development. */
function createPlayground(size: EstateSize, tenantId: string, company: string, tenantIndex: number): Subscription {
  return {
    ...createSubscription(size, tenantId, company, tenantIndex, size.subscriptions),
    displayName: `${company} Playground`,
    environment: 'dev',
    state: 'Enabled',
    tags: { environment: 'dev', 'business-unit': 'Engineering' },
    hasCharges: true,
    plants: 'experiments',
  };
}

function createSubscription(
  size: EstateSize,
  tenantId: string,
  company: string,
  tenantIndex: number,
  index: number,
): Subscription {
  const purpose = SUBSCRIPTION_PURPOSES[index % SUBSCRIPTION_PURPOSES.length] as (typeof SUBSCRIPTION_PURPOSES)[number];
  const round = Math.floor(index / SUBSCRIPTION_PURPOSES.length);
  return {
    subscriptionId: guidOf(size.seed, 'subscription', tenantIndex, index),
    tenantId,
    displayName: `${company} ${purpose.name}${round === 0 ? '' : ` ${String(round + 1).padStart(2, '0')}`}`,
    environment: purpose.environment,
    // A subscription that was switched off stays listed and keeps its cost history.
    state: index % 9 === 7 ? 'Disabled' : index % 9 === 5 ? 'Warned' : 'Enabled',
    quotaId: 'EnterpriseAgreement_2014-09-01',
    managedByTenants: [],
    access: 'reader',
    tags: { environment: purpose.environment, 'business-unit': purpose.businessUnit },
    currency: index % 3 === 1 ? 'EUR' : 'USD',
    marketplaceCurrency: index % 3 === 2 ? 'EUR' : index % 3 === 1 ? 'EUR' : 'USD',
    hasCharges: index < size.subscriptions - size.emptySubscriptions,
    plants: 'everything',
    seed: hash32(size.seed, 'subscription-content', tenantIndex, index),
  };
}
