import { SignJWT, decodeJwt } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FederatedIdentity } from './federated-identity.js';
import { type SigningKey, SigningKeys } from './signing-keys.js';

const clock = { now: () => new Date('2026-03-20T10:00:00Z'), sleep: () => Promise.resolve() };
let folder: string;
let key: SigningKey;
let federation: FederatedIdentity;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'federation-'));
  key = (await SigningKeys.open(folder)).current;
  federation = new FederatedIdentity(key, clock, () => 'https://localhost:1');
});
afterAll(() => rm(folder, { recursive: true }));

const signed = async (claims: object): Promise<string> => {
  const genuine = decodeJwt(await federation.projectedToken());
  return new SignJWT({ ...genuine, ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(key.privateKey);
};
const seconds = (time: string): number => Date.parse(time) / 1000;

it('takes the token of the cluster', async () => {
  expect(await federation.refusalOf(await federation.projectedToken(), 'client')).toBeUndefined();
});

it.each([
  ['subject', { sub: 'system:serviceaccount:other:other' }, 700213, "subject 'system:serviceaccount:other:other'"],
  ['issuer', { iss: 'https://elsewhere.example' }, 700211, "issuer 'https://elsewhere.example'"],
  ['audience', { aud: 'api://other' }, 700212, "audience 'api://other'"],
  ['end', { exp: seconds('2026-03-20T09:00:00Z') }, 700024, 'expiry time of assertion 2026-03-20T09:00:00.000Z'],
  ['start', { nbf: seconds('2026-03-20T11:00:00Z') }, 700024, 'assertion valid from 2026-03-20T11:00:00.000Z'],
])('refuses another %s', async (_, claims, code, message) => {
  const refusal = await federation.refusalOf(await signed(claims), 'client');
  expect(refusal?.code).toBe(code);
  expect(refusal?.message).toContain(message);
});
