import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { type CryptoKey, type JWK, calculateJwkThumbprint, exportJWK, importPKCS8 } from 'jose';
import { writeSecret } from '../tls/certificates.js';

/** The RS256 key tokens are signed with, and its public part as published. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Keeps the signing key in a file, so that tokens survive a restart, and replaces it on request. */
export class SigningKeys {
  private constructor(
    private readonly file: string,
    private key: SigningKey,
  ) {}

  /** Loads the key kept in `folder`, or creates one. */
  static async open(folder: string): Promise<SigningKeys> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, 'token-signing-key.pem');
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    const pem = kept ?? newPrivateKey();
    if (kept === undefined) await writeSecret(file, pem);
    return new SigningKeys(file, await signingKeyOf(pem));
  }

  get current(): SigningKey {
    return this.key;
  }

  /** Signs with a new key from now on; the old one is no longer published. */
  async rotate(): Promise<SigningKey> {
    const pem = newPrivateKey();
    await writeSecret(`${this.file}.new`, pem);
    await rename(`${this.file}.new`, this.file);
    this.key = await signingKeyOf(pem);
    return this.key;
  }
}

function newPrivateKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}

async function signingKeyOf(pem: string): Promise<SigningKey> {
  const publicJwk = await exportJWK(createPublicKey(pem));
  return {
    keyId: await calculateJwkThumbprint(publicJwk),
    privateKey: await importPKCS8(pem, 'RS256'),
    publicJwk,
  };
}
