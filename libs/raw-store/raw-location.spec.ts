import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '#core/errors.js';
import { parseRawLocation } from './raw-location.js';

const lake = (serviceUrl: string, filesystem: string, prefix = '', accountInPath: string | null = null) => ({
  kind: 'lake',
  serviceUrl,
  filesystem,
  prefix,
  accountInPath,
});

describe('parseRawLocation', () => {
  it.each([
    ['raw', { kind: 'folder', folder: 'raw' }],
    ['/var/raw', { kind: 'folder', folder: '/var/raw' }],
    ['file:raw', { kind: 'folder', folder: 'raw' }],
    ['file:/var/raw', { kind: 'folder', folder: '/var/raw' }],
    ['file:///var/raw%20x', { kind: 'folder', folder: '/var/raw x' }],
    ['abfss://raw@acc.dfs.core.windows.net', lake('https://acc.dfs.core.windows.net', 'raw')],
    ['abfss://raw@acc.dfs.core.windows.net/a/b/', lake('https://acc.dfs.core.windows.net', 'raw', 'a/b')],
    ['https://acc.dfs.core.windows.net/raw/a/b', lake('https://acc.dfs.core.windows.net', 'raw', 'a/b')],
    ['https://localhost:10443/raw', lake('https://localhost:10443', 'raw')],
    ['https://localhost:10443/acc/raw', lake('https://localhost:10443/acc', 'raw', '', 'acc')],
    ['https://localhost:10443/acc/raw/a', lake('https://localhost:10443/acc', 'raw', 'a', 'acc')],
  ])('reads %s', (url, location) => expect(parseRawLocation(url)).toEqual(location));

  it.each([
    '',
    'http://localhost/raw',
    's3://bucket',
    'abfss://raw',
    'https://localhost',
    'https://h/raw?sig=geheim',
    'https://u:p@h/raw',
  ])('refuses %j', (url) => {
    expect(() => parseRawLocation(url)).toThrow(ConfigurationError);
    expect(() => parseRawLocation(url)).not.toThrow(/geheim/);
  });
});
