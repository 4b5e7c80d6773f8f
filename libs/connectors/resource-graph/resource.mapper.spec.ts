import { describe, expect, it } from 'vitest';
import { toResource } from './resource.mapper.js';

const ID = '/subscriptions/S1/resourceGroups/Rg/providers/Microsoft.Compute/virtualMachines/Vm1';

describe('toResource', () => {
  it('lower-cases what is joined on and keeps the id as written', () => {
    expect(
      toResource({
        id: ID,
        name: 'Vm1',
        type: 'Microsoft.Compute/virtualMachines',
        kind: '',
        location: 'WestEurope',
        resourceGroup: 'RG',
        managedBy: '/Owner',
        subscriptionId: 'S1',
        tags: { Env: 'Prod' },
        sku: { name: 'D2', capacity: 2 },
        properties: { size: 1.5 },
      }),
    ).toEqual({
      resourceId: ID.toLowerCase(),
      originalId: ID,
      subscriptionId: 's1',
      name: 'Vm1',
      type: 'microsoft.compute/virtualmachines',
      kind: null,
      location: 'westeurope',
      managedBy: '/owner',
      resourceGroup: 'rg',
      tags: { Env: 'Prod' },
      sku: { name: 'D2', capacity: 2 },
      properties: { size: 1.5 },
    });
  });

  it('fills in what Azure leaves out', () => {
    expect(toResource({ id: ID, properties: null, sku: null, location: '', resourceGroup: null })).toMatchObject({
      subscriptionId: 's1',
      name: 'Vm1',
      type: 'unknown',
      location: null,
      managedBy: null,
      resourceGroup: null,
      sku: null,
      properties: {},
      tags: {},
    });
  });

  it.each([
    [{ a: 'b' }, { a: 'b' }],
    ['{"a":"b"}', { a: 'b' }],
    [
      { a: 1, b: true, c: null, d: {} },
      { a: '1', b: 'true' },
    ],
    ['{"a"', {}],
    ['text', {}],
    ['', {}],
    [null, {}],
    [undefined, {}],
    [['a'], {}],
    [5, {}],
  ])('reads the tags %j', (tags, expected) => {
    expect(toResource({ id: ID, tags })?.tags).toEqual(expected);
  });

  it.each([null, 'x', [], {}, { id: '' }, { id: null }, { id: 5 }, { id: '/providers/x/y/z' }])('refuses %j', (row) => {
    expect(toResource(row)).toBeNull();
  });
});
