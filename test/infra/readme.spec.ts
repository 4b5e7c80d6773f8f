import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../apps/api/auth/caller.js';
import { CONFIGURATION, configurationFolders } from './terraform.js';

const read = (folder: string, file: string) => readFileSync(join(CONFIGURATION, folder, file), 'utf8');

/** Names and bodies of a file's variables or outputs. */
function blocks(kind: 'variable' | 'output', text: string): [name: string, body: string][] {
  return [...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n(.*?)^\\}`, 'gms'))].map(([, name, body]) => [
    name!,
    body!,
  ]);
}

describe.each(configurationFolders())('%s', (folder) => {
  const variables = blocks('variable', read(folder, 'variables.tf'));
  const outputs = blocks('output', read(folder, 'outputs.tf'));

  it('says of every variable and output what it is', () => {
    expect(variables.filter(([, body]) => !/^ {2}type +=/m.test(body) || !/^ {2}description = /m.test(body))).toEqual(
      [],
    );
    expect(outputs.filter(([, body]) => !/^ {2}description = /m.test(body))).toEqual([]);
  });
});

describe.each(configurationFolders().filter((folder) => folder.startsWith('modules/')))('%s', (folder) => {
  it('lists its inputs and outputs in its README', () => {
    const [, tables = ''] = read(folder, 'README.md').split('| input |');
    const listed = [...tables.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    const named = [
      ...blocks('variable', read(folder, 'variables.tf')),
      ...blocks('output', read(folder, 'outputs.tf')),
    ];
    expect(listed).toEqual(named.map(([name]) => name));
  });
});

describe('the application that stands for the API', () => {
  const { appRoles } = JSON.parse(read('.', 'api-application.json')) as { appRoles: { id: string; value: string }[] };

  it('has the roles that the API asks for', () => {
    expect(appRoles.map(({ value }) => value)).toEqual(ROLES);
  });

  it('makes who follows the README its Admin', () => {
    const admin = appRoles.find(({ value }) => value === 'AzCops.Admin')!;
    expect(read('.', 'README.md')).toContain(`\\"appRoleId\\":\\"${admin.id}\\"`);
  });
});
