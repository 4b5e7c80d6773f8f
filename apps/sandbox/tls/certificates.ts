import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';

const DAY_MS = 86_400_000;
const VALID_DAYS = 397;
/** Renewed early, so that a sandbox that runs for weeks does not expire under its clients. */
const RENEW_BEFORE_DAYS = 30;

/** The sandbox's own certificate authority and the server certificate it signed, in PEM form. */
export interface ServerCertificate {
  /** File with the authority's certificate: what a client has to trust. */
  readonly caFile: string;
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * Loads the authority and server certificate (SAN localhost, 127.0.0.1, ::1 and `hostname`) kept in `folder`, or creates
 * both when they are missing, of another name or near their end. Private keys are readable by their owner only.
 */
export async function loadOrCreateCertificates(
  folder: string,
  hostname: string,
  now: Date,
): Promise<ServerCertificate> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    ca: path.join(folder, 'ca.pem'),
    caKey: path.join(folder, 'ca-key.pem'),
    server: path.join(folder, 'server.pem'),
    serverKey: path.join(folder, 'server-key.pem'),
  };
  const kept = await readKept(files, hostname, now);
  if (kept) return kept;

  const notBeforeDate = new Date(now.getTime() - DAY_MS);
  const notAfterDate = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  const ca = await generate([{ name: 'commonName', value: 'AzCops Sandbox Authority' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set(['localhost', hostname])].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  await writeSecret(files.caKey, ca.private);
  await writeFile(files.ca, ca.cert);
  await writeSecret(files.serverKey, server.private);
  await writeFile(files.server, server.cert);
  return { caFile: files.ca, ca: ca.cert, certificate: server.cert, privateKey: server.private };
}

/** Writes a file only its owner may read, also when it existed with wider permissions. */
export async function writeSecret(file: string, content: string): Promise<void> {
  await writeFile(file, content, { mode: 0o600 });
  await chmod(file, 0o600);
}

async function readKept(
  files: { ca: string; server: string; serverKey: string },
  hostname: string,
  now: Date,
): Promise<ServerCertificate | undefined> {
  try {
    const [ca, certificate, privateKey] = await Promise.all([
      readFile(files.ca, 'utf8'),
      readFile(files.server, 'utf8'),
      readFile(files.serverKey, 'utf8'),
    ]);
    const authority = new X509Certificate(ca);
    const leaf = new X509Certificate(certificate);
    const renewAt = Math.min(Date.parse(leaf.validTo), Date.parse(authority.validTo)) - RENEW_BEFORE_DAYS * DAY_MS;
    if (now.getTime() >= renewAt || !leaf.checkHost(hostname) || !leaf.verify(authority.publicKey)) return undefined;
    return { caFile: files.ca, ca, certificate, privateKey };
  } catch {
    // Absent or unreadable files mean the same: the sandbox makes itself a new identity.
    return undefined;
  }
}
