/*
 * Every rule, one line each.
 */
export { unattachedDisk } from './unattached-disk/rule.js';
export { orphanedPublicIp } from './orphaned-public-ip/rule.js';
export { orphanedNetworkInterface } from './orphaned-network-interface/rule.js';
export { oldSnapshot } from './old-snapshot/rule.js';
export { snapshotOfDeletedDisk } from './snapshot-of-deleted-disk/rule.js';
export { premiumSnapshot } from './premium-snapshot/rule.js';
export { emptyLoadBalancer } from './empty-load-balancer/rule.js';
export { applicationGatewayWithoutBackends } from './application-gateway-without-backends/rule.js';
export { idleVirtualNetworkGateway } from './idle-virtual-network-gateway/rule.js';
export { unusedNatGateway } from './unused-nat-gateway/rule.js';
export { unusedDdosProtectionPlan } from './unused-ddos-protection-plan/rule.js';
export { unprovisionedExpressRouteCircuit } from './unprovisioned-expressroute-circuit/rule.js';
export { disconnectedPrivateEndpoint } from './disconnected-private-endpoint/rule.js';
export { unlinkedPrivateDnsZone } from './unlinked-private-dns-zone/rule.js';
export { orphanedNetworkSecurityGroup } from './orphaned-network-security-group/rule.js';
export { basicPublicIp } from './basic-public-ip/rule.js';
export { premiumDiskOfDeallocatedMachine } from './premium-disk-of-deallocated-machine/rule.js';
export { storageRedundancyOutsideProduction } from './storage-redundancy-outside-production/rule.js';
export { unusedStorageAccount } from './unused-storage-account/rule.js';
export { premiumStorageOutsideProduction } from './premium-storage-outside-production/rule.js';
export { premiumFirewallWithoutPremiumFeatures } from './premium-firewall-without-premium-features/rule.js';

/* App Service, databases, logs, governance, commitments */
export { emptyAppServicePlan } from './empty-app-service-plan/rule.js';
export { underusedAppServicePlan } from './underused-app-service-plan/rule.js';
export { missingCostCenterTag } from './missing-cost-center-tag/rule.js';
export { emptyElasticPool } from './empty-elastic-pool/rule.js';
export { underusedSqlDatabase } from './underused-sql-database/rule.js';
export { unusedSqlDatabase } from './unused-sql-database/rule.js';
export { sqlDatabaseWithoutHybridBenefit } from './sql-database-without-hybrid-benefit/rule.js';
export { premiumV2AppServicePlan } from './premium-v2-app-service-plan/rule.js';
export { stoppedAppOnPaidPlan } from './stopped-app-on-paid-plan/rule.js';
export { underusedPostgresqlServer } from './underused-postgresql-server/rule.js';
export { underusedMysqlServer } from './underused-mysql-server/rule.js';
export { redundantDatabaseOutsideProduction } from './redundant-database-outside-production/rule.js';
export { logAnalyticsCommitmentTier } from './log-analytics-commitment-tier/rule.js';
export { longLogRetention } from './long-log-retention/rule.js';
export { unusedReservation } from './unused-reservation/rule.js';
export { uncoveredCompute } from './uncovered-compute/rule.js';
export { productionOfferOutsideProduction } from './production-offer-outside-production/rule.js';
export { cosmosDbMultiRegionOutsideProduction } from './cosmos-db-multi-region-outside-production/rule.js';
export { applicationGatewayV1 } from './application-gateway-v1/rule.js';
export { idleDedicatedSqlPool } from './idle-dedicated-sql-pool/rule.js';

/* Virtual machines, scale sets, Kubernetes, caches */
export { idleVirtualMachine } from './idle-virtual-machine/rule.js';
export { stoppedVirtualMachine } from './stopped-virtual-machine/rule.js';
export { oversizedVirtualMachine } from './oversized-virtual-machine/rule.js';
export { longDeallocatedVirtualMachine } from './long-deallocated-virtual-machine/rule.js';
export { virtualMachineOutsideOfficeHours } from './virtual-machine-outside-office-hours/rule.js';
export { windowsWithoutHybridBenefit } from './windows-without-hybrid-benefit/rule.js';
export { linuxWithoutHybridBenefit } from './linux-without-hybrid-benefit/rule.js';
export { sqlVirtualMachineWithoutHybridBenefit } from './sql-virtual-machine-without-hybrid-benefit/rule.js';
export { supersededMachineGeneration } from './superseded-machine-generation/rule.js';
export { unmanagedDiskVirtualMachine } from './unmanaged-disk-virtual-machine/rule.js';
export { idleScaleSet } from './idle-scale-set/rule.js';
export { scaleSetWithoutAutoscale } from './scale-set-without-autoscale/rule.js';
export { kubernetesClusterWithoutAutoscaler } from './kubernetes-cluster-without-autoscaler/rule.js';
export { kubernetesPaidTierOutsideProduction } from './kubernetes-paid-tier-outside-production/rule.js';
export { redisCacheOutsideProductionPremium } from './redis-cache-outside-production-premium/rule.js';
export { failedRedisCache } from './failed-redis-cache/rule.js';
export { containerRegistryPremiumOutsideProduction } from './container-registry-premium-outside-production/rule.js';
export { emptyAvailabilitySet } from './empty-availability-set/rule.js';
export { underusedPremiumDisk } from './underused-premium-disk/rule.js';
