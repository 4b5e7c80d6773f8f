import type { WorkloadContext } from '../workload.js';
import { plantedAddresses } from './addresses.js';
import { plantedAppService, plantedExperiments } from './app-service.js';
import { plantedCommitments } from './commitments.js';
import { plantedDatabases } from './databases.js';
import { plantedClusters } from './clusters.js';
import { plantedDisks } from './disks.js';
import { plantedFirewalls } from './firewalls.js';
import { plantedGateways } from './gateways.js';
import { plantedNames } from './names.js';
import { plantedPlatform } from './platform.js';
import { plantedPremiumDisks } from './premium-disks.js';
import { plantedSnapshots } from './snapshots.js';
import { plantedStorage } from './storage.js';
import { plantedLicences } from './licences.js';
import { plantedMachines } from './machines.js';
import { plantedScaleSets } from './scale-sets.js';
import { plantedTestTiers } from './test-tiers.js';
import { plantedUnderusedDisks } from './underused-disks.js';

/** Every family of waste, each with what looks like it and is none. */
export const PLANTED_WASTE: readonly ((context: WorkloadContext) => void)[] = [
  plantedDisks,
  plantedAddresses,
  plantedSnapshots,
  plantedGateways,
  plantedNames,
  plantedFirewalls,
  plantedPremiumDisks,
  plantedStorage,
  plantedAppService,
  plantedDatabases,
  plantedPlatform,
  plantedCommitments,
  plantedMachines,
  plantedLicences,
  plantedScaleSets,
  plantedClusters,
  plantedTestTiers,
  plantedUnderusedDisks,
];

/** What a subscription for experiments has, all of it of development. */
export const PLANTED_EXPERIMENTS: typeof PLANTED_WASTE = [plantedExperiments];
