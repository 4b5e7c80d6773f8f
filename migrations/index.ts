import { RolesAndTenantScope1760000000001 } from './0001-roles-and-tenant-scope.js';
import { RegistryAndAudit1760000000002 } from './0002-registry-and-audit.js';
import { IngestionRuns1760000000003 } from './0003-ingestion-runs.js';
import { Inventory1760000000004 } from './0004-inventory.js';
import { CostLedger1760000000005 } from './0005-cost-ledger.js';
import { QuotaBudget1760000000006 } from './0006-quota-budget.js';
import { MetricsAndAdvice1760000000007 } from './0007-metrics-and-advice.js';
import { OneReader1760000000008 } from './0008-one-reader.js';
import { CostExportRuns1760000000009 } from './0009-cost-export-runs.js';
import { LeanFacts1760000000010 } from './0010-lean-facts.js';
import { TenantTotals1760000000011 } from './0011-tenant-totals.js';
import { DataVersions1760000000012 } from './0012-data-versions.js';
import { InventoryOrder1760000000013 } from './0013-inventory-order.js';
import { Retention1760000000014 } from './0014-retention.js';
import { CheaperScope1760000000015 } from './0015-cheaper-scope.js';
import { Decisions1760000000016 } from './0016-decisions.js';
import { ReferenceData1760000000017 } from './0017-reference-data.js';
import { Delivery1760000000018 } from './0018-delivery.js';
import { InventoryRoom1760000000019 } from './0019-inventory-room.js';
import { DaysOfDatasets1760000000020 } from './0020-days-of-datasets.js';
import { CostsMonthly1760000000021 } from './0021-costs-monthly.js';
import { AllTenants1760000000022 } from './0022-all-tenants.js';
import { LeanRollup1760000000023 } from './0023-lean-rollup.js';
import { GentleMonths1760000000024 } from './0024-gentle-months.js';

/** Every migration, in the order in which it runs. */
export const migrations = [
  RolesAndTenantScope1760000000001,
  RegistryAndAudit1760000000002,
  IngestionRuns1760000000003,
  Inventory1760000000004,
  CostLedger1760000000005,
  QuotaBudget1760000000006,
  MetricsAndAdvice1760000000007,
  OneReader1760000000008,
  CostExportRuns1760000000009,
  LeanFacts1760000000010,
  TenantTotals1760000000011,
  DataVersions1760000000012,
  InventoryOrder1760000000013,
  Retention1760000000014,
  CheaperScope1760000000015,
  Decisions1760000000016,
  ReferenceData1760000000017,
  Delivery1760000000018,
  InventoryRoom1760000000019,
  DaysOfDatasets1760000000020,
  CostsMonthly1760000000021,
  AllTenants1760000000022,
  LeanRollup1760000000023,
  GentleMonths1760000000024,
];
