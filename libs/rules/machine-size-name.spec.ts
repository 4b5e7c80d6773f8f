import { describe, expect, it } from 'vitest';
import { sizeNameOf, successorOf } from './machine-size-name.js';

describe('the name of a size', () => {
  it.each([
    ['Standard_D4s_v5', { family: 'D', vCpus: 4, constrainedTo: undefined, features: 's', version: 5 }],
    ['standard_e4-2ds_v5', { family: 'E', vCpus: 4, constrainedTo: 2, features: 'ds', version: 5 }],
    ['Standard_DS13_v2', { family: 'DS', vCpus: 13, constrainedTo: undefined, features: '', version: 2 }],
    ['Standard_B2ms', { family: 'B', vCpus: 2, constrainedTo: undefined, features: 'ms', version: 1 }],
  ])('%s has its parts', (name, parts) => expect(sizeNameOf(name)).toEqual(parts));

  it.each(['Basic_A1', 'Standard_NC4as_T4_v3', 'D4s_v5', ''])('%s has another form', (name) => {
    expect(sizeNameOf(name)).toBeNull();
  });
});

describe('the successor of a size', () => {
  it.each([
    ['Standard_DS3_v2', 'Standard_D4ds_v5'],
    ['Standard_D14_v2', 'Standard_E16d_v5'],
    ['Standard_D4s_v3', 'Standard_D4s_v5'],
    ['Standard_E8_v3', 'Standard_E8_v5'],
    ['Standard_D4ds_v4', 'Standard_D4ds_v5'],
    ['Standard_E16as_v4', 'Standard_E16as_v5'],
  ])('of %s is %s', (name, successor) => expect(successorOf(name)).toBe(successor));

  it.each([
    'Standard_D4s_v5',
    'Standard_D4s_v6',
    'Standard_DS1_v2',
    'Standard_DS13-4_v2',
    'Standard_F8s_v2',
    'Standard_B2ms',
    'Standard_L8s_v2',
    'Standard_DC4s_v3',
  ])('of %s is not known', (name) => expect(successorOf(name)).toBeUndefined());
});
