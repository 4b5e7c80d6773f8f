import { describe, expect, it } from 'vitest';
import { RESOURCE_GRAPH_QUERIES } from '#connectors/resource-graph/queries/index.js';
import type { ResourceGraphQuery } from '#connectors/resource-graph/queries/query.js';
import { systemClock } from '#core/clock.js';
import { AdvisorBook } from '../advisor/advisor-book.js';
import { EstateClock } from '../estate/estate-clock.js';
import { Estate } from '../estate/estate.js';
import { ResourceGenerator } from '../estate/resource-generator.js';
import type { Resource } from '../estate/resource.js';
import { estateTables } from './estate-tables.js';
import { parseQuery, type TableSource } from './kql-query.js';
import { type KqlTable, jsonOf } from './kql-value.js';

/*
 * Every query of the library against the truth that was planted: what a query finds is computed a second time, in
 * TypeScript, from the generated resources themselves.
 */
const NOW = new Date('2026-03-20T10:00:00Z');
const DAY = '2026-03-20';
const estate = new Estate({ seed: 1, tenants: 1, subscriptions: 4, resources: 300, emptySubscriptions: 0 });
const generator = new ResourceGenerator(estate.size.resources);
const { subscriptions } = estate.homeTenant;
const everything = subscriptions.flatMap((owner) => generator.resourcesOn(owner, DAY));
const advisor = new AdvisorBook(generator, new EstateClock(systemClock, NOW));
const tables = estateTables(estate, generator, advisor, subscriptions, DAY);

const queryNamed = (name: string): ResourceGraphQuery => RESOURCE_GRAPH_QUERIES.find((query) => query.name === name)!;

function run(name: string, source: TableSource = tables): Record<string, unknown>[] {
  const { columns, rows } = parseQuery(queryNamed(name).kql).evaluate(source, NOW);
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, jsonOf(row[index] ?? null)])),
  );
}

type Bag = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- properties are what providers make them
const isType = ({ type }: Resource, wanted: string): boolean => type.toLowerCase() === wanted;
const of = ({ properties }: Resource): Bag => properties;
const tagNames = ({ tags }: Resource): string[] => Object.keys(tags ?? {}).map((name) => name.toLowerCase());
const hasTag = (resource: Resource, pattern: RegExp): boolean => tagNames(resource).some((name) => pattern.test(name));
const isKept = (resource: Resource): boolean => hasTag(resource, /^keep$/);

const TRUTH: Readonly<Record<string, (resource: Resource) => boolean>> = {
  'all-resources': () => true,
  'unattached-disks': (disk) =>
    isType(disk, 'microsoft.compute/disks') &&
    disk.managedBy === '' &&
    of(disk)['diskState'] === 'Unattached' &&
    !disk.name.toLowerCase().endsWith('-asrreplica') &&
    !hasTag(disk, /^(asr-replicadisk|kubernetes\.io-created-for-|k8s-azure)/) &&
    !isKept(disk),
  'orphaned-public-ips': (address) =>
    isType(address, 'microsoft.network/publicipaddresses') &&
    ['ipConfiguration', 'natGateway', 'publicIPPrefix'].every((use) => of(address)[use] === undefined),
  'orphaned-network-interfaces': (card) =>
    isType(card, 'microsoft.network/networkinterfaces') &&
    ['virtualMachine', 'privateEndpoint', 'privateLinkService'].every((use) => of(card)[use] === undefined) &&
    !of(card)['hostedWorkloads']?.length,
  'snapshots-older-than-90-days': (snapshot) =>
    isType(snapshot, 'microsoft.compute/snapshots') &&
    NOW.getTime() - Date.parse(of(snapshot)['timeCreated'] as string) > 90 * 86_400_000,
  'virtual-machines': (machine) => isType(machine, 'microsoft.compute/virtualmachines'),
  'app-service-plans': (plan) => isType(plan, 'microsoft.web/serverfarms'),
  'sql-databases': (database) => isType(database, 'microsoft.sql/servers/databases'),
  'resources-without-cost-center-tag': ({ tags }) =>
    !Object.entries(tags ?? {}).some(
      ([name, value]) =>
        ['costcenter', 'costcentre'].includes(name.toLowerCase().replaceAll(/[-_. ]/g, '')) && value.trim() !== '',
    ),
};

describe.each(Object.entries(TRUTH))('%s', (name, isExpected) => {
  it('finds what is there, nothing that only looks like it, in the order of ids', () => {
    const found = run(name).map(({ id }) => String(id));
    const expected = everything.filter(isExpected).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(found).toEqual(found.toSorted());
  });
});

describe('the planted estate', () => {
  const found = (name: string): string[] => run(name).map((row) => String(row['name']));
  const planted = (pattern: RegExp): string[] =>
    everything.filter((resource) => pattern.test(resource.name)).map((resource) => resource.name);

  it.each<[string, RegExp]>([
    ['unattached-disks', /-ASRReplica$/],
    ['unattached-disks', /^replica-/],
    ['unattached-disks', /^pvc-/],
    ['unattached-disks', /^export-/],
    ['unattached-disks', /^gold-/],
    ['orphaned-public-ips', /^pip-nat-/],
    ['orphaned-public-ips', /^pip-prefix-/],
    ['orphaned-network-interfaces', /^nic-pe-/],
    ['orphaned-network-interfaces', /^nic-pls-/],
    ['orphaned-network-interfaces', /^nic-netapp-/],
    ['snapshots-older-than-90-days', /^snap-young-/],
    ['resources-without-cost-center-tag', /^id-(title|upper|joined|british)-/],
  ])('%s leaves out %s', (name, pattern) => {
    expect(planted(pattern).length).toBeGreaterThanOrEqual(subscriptions.length);
    expect(found(name).filter((each) => pattern.test(each))).toEqual([]);
  });

  it('says nothing with an empty, blank, mentioned or absent cost center', () => {
    const pattern = /^id-(empty|blank|value|none)-/;
    expect(
      found('resources-without-cost-center-tag')
        .filter((name) => pattern.test(name))
        .toSorted(),
    ).toEqual(planted(pattern).toSorted());
  });

  it('has machines, plans and databases that say what they are sized for', () => {
    const machine = everything.find((resource) => TRUTH['virtual-machines']!(resource))!;
    expect(run('virtual-machines').find(({ id }) => id === machine.id)).toMatchObject({
      size: of(machine)['hardwareProfile'].vmSize,
      osType: of(machine)['storageProfile'].osDisk.osType,
      powerState: of(machine)['extended'].instanceView.powerState.code,
    });
    const powerStates = new Set(run('virtual-machines').map(({ powerState }) => powerState));
    expect(powerStates).toEqual(new Set(['PowerState/running', 'PowerState/deallocated', 'PowerState/stopped']));
    const plan = everything.find((resource) => TRUTH['app-service-plans']!(resource))!;
    expect(run('app-service-plans').find(({ id }) => id === plan.id)).toMatchObject({
      tier: plan.sku!['tier'],
      workerCount: 1,
      siteCount: of(plan)['numberOfSites'],
    });
    for (const database of everything.filter((resource) => TRUTH['sql-databases']!(resource))) {
      const isVCore = database.sku!['tier'] === 'GeneralPurpose';
      expect(run('sql-databases').find(({ id }) => id === database.id)).toMatchObject({
        purchasingModel: isVCore ? 'vCore' : 'DTU',
        capacity: database.sku!['capacity'],
        skuName: database.sku!['name'],
      });
      if (isVCore) break;
    }
  });

  it('covers every subscription once', () => {
    expect(
      run('subscriptions')
        .map(({ subscriptionId }) => subscriptionId)
        .toSorted(),
    ).toEqual(subscriptions.map(({ subscriptionId }) => subscriptionId).toSorted());
  });

  it('is asked by every query of the library', () => {
    const asked = [...Object.keys(TRUTH), 'subscriptions', 'advisor-cost-recommendations'];
    expect(asked.toSorted()).toEqual(RESOURCE_GRAPH_QUERIES.map(({ name }) => name).toSorted());
  });
});

/** A table of hand-made resources of one type, named by what is special about them. */
function handMade(type: string, resources: Record<string, Partial<Record<string, unknown>>>): TableSource {
  const { columns } = tables('resources')!;
  const rows = Object.entries(resources).map(([name, resource]) => {
    const row: Record<string, unknown> = { id: `/x/${name}`, name, type, properties: {}, tags: null, ...resource };
    return columns.map((column) => row[column.name] ?? (column.type === 'string' ? '' : null));
  });
  return () => ({ columns, rows }) as KqlTable;
}

describe('edges that the estate does not hold', () => {
  const names = (query: string, type: string, resources: Record<string, object>): unknown[] =>
    run(query, handMade(type, resources)).map(({ name }) => name);
  const unattached = { properties: { diskState: 'Unattached' } };

  it('disks in every state, and with every mark', () => {
    const state = (diskState: string) => ({ properties: { diskState } });
    const tagged = (tags: Record<string, string>) => ({ ...unattached, tags });
    expect(
      names('unattached-disks', 'microsoft.compute/disks', {
        free: unattached,
        'tagged-otherwise': tagged({ environment: 'keep', note: '"keep": true' }),
        'keep-false': tagged({ KEEP: 'false' }),
        attached: { ...unattached, managedBy: '/vm' },
        reserved: state('Reserved'),
        sas: state('ActiveSAS'),
        'sas-frozen': state('ActiveSASFrozen'),
        uploading: state('ActiveUpload'),
        'waiting-for-upload': state('ReadyToUpload'),
        'asrseeddisk-1': unattached,
        'ms-asr-1': unattached,
        'x-asrreplica': unattached,
        backup: tagged({ rsvaultbackup: 'x' }),
        seed: tagged({ AsrSeedDisk: 'x' }),
        volume: tagged({ 'kubernetes.io-created-for-pv-name': 'x' }),
        keep: tagged({ Keep: 'yes' }),
        'do-not-delete': tagged({ DoNotDelete: '' }),
        contradictory: tagged({ keep: 'false', 'Do Not Delete': 'x' }),
        'do not delete': tagged({ 'do-not-delete': 'true' }),
      }),
    ).toEqual(['free', 'keep-false', 'tagged-otherwise']);
  });

  it('interfaces and addresses with uses that are empty', () => {
    expect(
      names('orphaned-network-interfaces', 'microsoft.network/networkinterfaces', {
        nothing: {},
        nulls: { properties: { virtualMachine: null, privateEndpoint: null, hostedWorkloads: [] } },
        machine: { properties: { virtualMachine: { id: 'x' } } },
      }),
    ).toEqual(['nothing', 'nulls']);
    expect(
      names('orphaned-public-ips', 'Microsoft.Network/PublicIPAddresses', {
        nulls: { properties: { ipConfiguration: null, natGateway: null } },
        used: { properties: { ipConfiguration: { id: 'x' } } },
        keep: { tags: { do_not_delete: 'true' } },
      }),
    ).toEqual(['nulls']);
  });

  it('snapshots on both sides of the ninetieth day, and without a date', () => {
    const taken = (timeCreated: string | null, tags: object | null = null) => ({ properties: { timeCreated }, tags });
    const rows = run(
      'snapshots-older-than-90-days',
      handMade('microsoft.compute/snapshots', {
        older: taken('2025-12-20T09:59:59.9990000Z'),
        'to the moment': taken('2025-12-20T10:00:00Z'),
        younger: taken('2025-12-20T10:00:01Z'),
        undated: taken(null),
        unreadable: taken('last year'),
        backup: taken('2020-01-01T00:00:00Z', { RSVaultBackup: '1' }),
      }),
    );
    expect(rows).toMatchObject([{ name: 'older', ageDays: 90 }]);
  });

  it('plans without workers, and databases of every kind', () => {
    const tier = (name: string) => ({ sku: { tier: name } });
    expect(
      names('app-service-plans', 'microsoft.web/serverfarms', {
        b: tier('Basic'),
        d: tier('Dynamic'),
        f: tier('Free'),
        flex: tier('FlexConsumption'),
        p: { sku: { tier: 'PremiumV3', capacity: 3 } },
      }),
    ).toEqual(['b', 'p']);
    const rows = run(
      'sql-databases',
      handMade('microsoft.sql/servers/databases', {
        dtu: { sku: { tier: 'Standard', name: 'S0', capacity: 10 } },
        vcore: { sku: { tier: 'BusinessCritical', name: 'BC_Gen5', capacity: 4 } },
        warehouse: { sku: { tier: 'DataWarehouse', name: 'DW100c', capacity: 900 } },
        pooled: { sku: { tier: 'Standard', name: 'ElasticPool', capacity: 0 }, properties: { elasticPoolId: '/pool' } },
        master: { sku: { tier: 'System', name: 'System' } },
        system: { sku: { tier: 'System' } },
      }),
    );
    expect(rows.map(({ name, purchasingModel, capacity }) => [name, purchasingModel, capacity])).toEqual([
      ['dtu', 'DTU', 10],
      ['pooled', 'ElasticPool', 0],
      ['vcore', 'vCore', 4],
      ['warehouse', 'DWU', 900],
    ]);
  });

  it('recommendations of other categories, and what else is in their table', () => {
    const category = (name: string) => ({ properties: { category: name } });
    const source = handMade('microsoft.advisor/recommendations', {
      cost: category('Cost'),
      security: category('Security'),
      none: {},
      suppressed: { ...category('Cost'), type: 'microsoft.advisor/suppressions' },
    });
    const rows = run('advisor-cost-recommendations', (name) => (/^advisor/i.test(name) ? source(name) : undefined));
    expect(rows).toEqual([
      {
        id: '/x/cost',
        name: 'cost',
        type: 'microsoft.advisor/recommendations',
        subscriptionId: '',
        resourceGroup: '',
        tenantId: '',
        properties: { category: 'Cost' },
      },
    ]);
  });
});
