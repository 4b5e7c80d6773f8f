import { ClientSecretCredential } from '@azure/identity';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let service: DataLakeServiceClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start();
  headers = await client.authorize(undefined, 'https://storage.azure.com/.default');
  const { clientId, clientSecret } = client.sandbox.application;
  const tlsOptions = { ca: client.ca };
  const credential = new ClientSecretCredential(client.sandbox.homeTenantId, clientId, clientSecret, {
    authorityHost: client.sandbox.url,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
  // A variable, because the client's declared options do not list the TLS settings it passes on.
  const options = { tlsOptions, retryOptions: { maxTries: 1 } };
  service = new DataLakeServiceClient(`${client.sandbox.url}/lake`, credential, options);
});
afterAll(() => client.stop());

const call = (method: string, target: string, extra: Record<string, string> = {}, body?: string): Promise<Answer> =>
  client.call(method, target, { headers: { ...headers, ...extra }, body });

describe("Azure's own client", () => {
  it('creates, writes, reads, lists, renames and deletes', async () => {
    const fileSystem = service.getFileSystemClient('raw');
    expect((await fileSystem.createIfNotExists()).succeeded).toBe(true);
    expect((await fileSystem.createIfNotExists()).succeeded).toBe(false);
    expect(await fileSystem.exists()).toBe(true);

    const file = fileSystem.getFileClient('a/b c/data ü.json');
    expect(await file.exists()).toBe(false);
    expect((await file.createIfNotExists()).succeeded).toBe(true);
    expect((await file.createIfNotExists()).succeeded).toBe(false);
    await file.append(Buffer.from('hello '), 0, 6);
    await file.append(Buffer.from('lake'), 6, 4);
    await file.flush(10);
    expect((await file.readToBuffer()).toString()).toBe('hello lake');
    expect((await file.getProperties()).contentLength).toBe(10);

    const big = fileSystem.getFileClient('a/big.bin');
    const content = Buffer.alloc(9 * 1024 * 1024, 'x');
    await big.upload(content, { chunkSize: 4 * 1024 * 1024 });
    expect((await big.readToBuffer()).equals(content)).toBe(true);

    const names: string[] = [];
    for await (const item of fileSystem.listPaths({ recursive: true }))
      names.push(`${item.name}${item.isDirectory ? '/' : ''}`);
    expect(names).toEqual(['a/', 'a/b c/', 'a/b c/data ü.json', 'a/big.bin']);
    const pages: number[] = [];
    for await (const page of fileSystem.listPaths({ path: 'a', recursive: true }).byPage({ maxPageSize: 2 }))
      pages.push(page.pathItems?.length ?? 0);
    expect(pages).toEqual([2, 1]);

    const moved = fileSystem.getFileClient('a/moved.json');
    await file.move('a/moved.json', { destinationConditions: { ifNoneMatch: '*' } });
    await expect(big.move('a/moved.json', { destinationConditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({
      code: 'PathAlreadyExists',
    });
    expect(await file.exists()).toBe(false);
    expect((await moved.readToBuffer()).toString()).toBe('hello lake');
    await fileSystem.getDirectoryClient('a').delete(true);
    expect(await moved.exists()).toBe(false);
  });

  it('gets the conflict it knows for an existing path', async () => {
    const fileSystem = service.getFileSystemClient('conflicts');
    await fileSystem.create();
    const file = fileSystem.getFileClient('once');
    await file.create({ conditions: { ifNoneMatch: '*' } });
    await expect(file.create({ conditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({
      statusCode: 409,
      code: 'PathAlreadyExists',
    });
    await expect(file.flush(5)).rejects.toMatchObject({ statusCode: 400, code: 'InvalidFlushPosition' });
    await expect(fileSystem.getFileClient('none').getProperties()).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('the wire', () => {
  it('renames with and without the account and never over an existing target', async () => {
    await call('PUT', '/lake/wire?resource=filesystem');
    const put = (name: string): Promise<Answer> =>
      call('PUT', `/lake/wire/${name}`, { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*' }, name);
    expect([(await put('one')).status, (await put('two')).status, (await put('one')).status]).toEqual([201, 201, 409]);
    expect(
      (
        await call('PUT', '/lake/wire/three?mode=legacy', {
          'x-ms-rename-source': '/lake/wire/one',
          'if-none-match': '*',
        })
      ).status,
    ).toBe(201);
    expect(
      (await call('PUT', '/wire/four?mode=legacy', { 'x-ms-rename-source': '/wire/three', 'if-none-match': '*' }))
        .status,
    ).toBe(201);
    const taken = await call('PUT', '/lake/wire/two', { 'x-ms-rename-source': '/wire/four', 'if-none-match': '*' });
    expect([taken.status, taken.headers['x-ms-error-code']]).toEqual([409, 'PathAlreadyExists']);
    const homeless = await call('PUT', '/lake/wire/none/five', { 'x-ms-rename-source': '/wire/four' });
    expect([homeless.status, homeless.headers['x-ms-error-code']]).toEqual([
      404,
      'RenameDestinationParentPathNotFound',
    ]);
    expect((await call('GET', '/lake/wire/four', { range: 'bytes=1-2' })).text).toBe('ne');
  });

  it.each([
    '/lake/wire/..%2F..%2Fsandbox.json',
    '/lake/wire/a/../../../x',
    '/lake/wire/a%00b',
    '/lake/..%2Flake/x',
    '/lake/wire/a%5C..%5Cb',
    '/lake/UPPER/x',
  ])('does not leave the lake: %s', async (target) => {
    const answers = [await call('GET', target), await call('PUT', target, { 'x-ms-blob-type': 'BlockBlob' }, 'x')];
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
    for (const { status } of answers) expect(status).toBeLessThan(500);
  });

  it('is closed to others', async () => {
    expect((await client.call('GET', '/lake/wire/four')).status).toBe(401);
    const management = await client.authorize();
    expect((await client.call('GET', '/lake/wire/four', { headers: management })).status).toBe(401);
    const foreign = await client.authorize(client.sandbox.tenants[1]?.tenantId, 'https://storage.azure.com/.default');
    expect((await client.call('GET', '/lake/wire/four', { headers: foreign })).status).toBe(403);
  });
});
