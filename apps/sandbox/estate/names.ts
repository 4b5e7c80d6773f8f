/** Fictional companies in the order tenants are created. */
export const COMPANIES = [
  'Contoso',
  'Fabrikam',
  'Northwind Traders',
  'Tailspin Toys',
  'Litware',
  'Adventure Works',
  'Proseware',
  'Wingtip',
] as const;

/** What a company's subscriptions are for, in the order they are created. */
export const SUBSCRIPTION_PURPOSES = [
  { name: 'Production', environment: 'prod', businessUnit: 'Commerce' },
  { name: 'Development', environment: 'dev', businessUnit: 'Engineering' },
  { name: 'Shared Services', environment: 'prod', businessUnit: 'Platform' },
  { name: 'Data Platform', environment: 'prod', businessUnit: 'Analytics' },
  { name: 'Staging', environment: 'staging', businessUnit: 'Engineering' },
  { name: 'Connectivity', environment: 'prod', businessUnit: 'Platform' },
  { name: 'Identity', environment: 'prod', businessUnit: 'Platform' },
  { name: 'Retired Workloads', environment: 'dev', businessUnit: 'Engineering' },
  { name: 'Machine Learning', environment: 'dev', businessUnit: 'Analytics' },
] as const;

/** Applications that give resources and resource groups their names. */
export const APPLICATIONS = [
  'shop',
  'billing',
  'orders',
  'crm',
  'portal',
  'reporting',
  'inventory',
  'search',
  'loyalty',
  'payments',
  'logistics',
  'intranet',
] as const;

/** Azure regions in use, the first one most. */
export const LOCATIONS = ['westeurope', 'westeurope', 'northeurope', 'germanywestcentral', 'eastus'] as const;

/** Cost centres found in tags. */
export const COST_CENTERS = ['CC-1001', 'CC-1002', 'CC-2040', 'CC-3300', 'CC-4711'] as const;
