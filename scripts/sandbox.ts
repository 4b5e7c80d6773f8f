import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child-process.js';
import { findFreePort } from './free-port.js';
import { readJsonFile } from './json-file.js';
import { isRunning } from './project.js';
import { answersHttp, request } from './request.js';

/** What the sandbox Azure tells about itself in `sandbox/sandbox.json` of the data directory. */
export interface Sandbox {
  url: string;
  adminUrl: string;
  caFile: string;
  pid: number;
  homeTenantId: string;
  tenants: { tenantId: string; displayName: string; type: string; domain?: string; subscriptions?: unknown[] }[];
  application: { clientId: string; clientSecret: string };
  audience: string;
  issuerTemplate: string;
  rawStorageUrl: string;
  /** `{region}` stands for the region of the resources asked about. */
  metricsUrlTemplate: string;
  /** Of the public price list. */
  retailPricesUrl: string;
}

const realAzureVariables = [
  'AZURE_AUTHORITY_HOST',
  'AZURE_RESOURCE_MANAGER_URL',
  'AZURE_METRICS_URL_TEMPLATE',
  'AZURE_RETAIL_PRICES_URL',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_FEDERATED_TOKEN_FILE',
  'IDENTITY_ENDPOINT',
  'MSI_ENDPOINT',
];

/** Whether the sandbox is to run: `AZURE_SANDBOX`, and on `auto` only if nothing points at a real Azure. */
export function wantsSandbox(env: NodeJS.ProcessEnv): boolean {
  const setting = env['AZURE_SANDBOX']?.trim() || 'auto';
  if (setting === 'on' || setting === 'off') return setting === 'on';
  if (setting !== 'auto') throw new Error('AZURE_SANDBOX: must be auto, on or off');
  return !Object.entries(env).some(
    ([name, value]) => value?.trim() && (realAzureVariables.includes(name) || name.startsWith('AZURE_CREDENTIAL_')),
  );
}

const sandboxFile = (dataDir: string) => join(dataDir, 'sandbox', 'sandbox.json');

/** The sandbox of this data directory if it runs and answers, else null. */
export async function findSandbox(dataDir: string): Promise<Sandbox | null> {
  const sandbox = readJsonFile<Sandbox>(sandboxFile(dataDir));
  if (!sandbox || !isRunning({ pid: sandbox.pid }) || !existsSync(sandbox.caFile)) return null;
  return (await answersHttp(sandbox.url, sandbox.caFile)) ? sandbox : null;
}

/** Starts the sandbox on the ports of its last start, if they are free, so that stored URLs stay valid. */
export async function startSandbox(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  mirror?: (line: string) => void,
): Promise<{ sandbox: Sandbox; child: Child }> {
  const last = readJsonFile<Sandbox>(sandboxFile(dataDir));
  const port = await findFreePort(portOf(last?.url));
  let adminPort = await findFreePort(portOf(last?.adminUrl));
  while (adminPort === port) adminPort = await findFreePort();
  const logFile = join(dataDir, 'logs', 'sandbox.log');
  let announced = false;
  const child = new Child({
    name: 'sandbox',
    script: 'dist/apps/sandbox/main.js',
    args: ['--data-dir', dataDir, '--port', String(port), '--admin-port', String(adminPort), '--planted', 'on'],
    env,
    logFile,
    mirror,
    onLine: (line) => (announced ||= line.startsWith('{"ready":true')),
  });
  const ready = async () => announced && readJsonFile<Sandbox>(sandboxFile(dataDir))?.pid === child.pid;
  try {
    await child.waitUntil(ready, 60_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { sandbox: readJsonFile<Sandbox>(sandboxFile(dataDir))!, child };
}

function portOf(url: string | undefined): number | undefined {
  return url && URL.canParse(url) ? Number(new URL(url).port) || undefined : undefined;
}

/** People's names end in their tenant's domain, which the sandbox makes from the tenant's name. */
function domainOf({ tenants }: Sandbox, tenantId: string): string {
  const tenant = tenants.find((candidate) => candidate.tenantId === tenantId);
  return tenant?.domain ?? `${(tenant?.displayName ?? 'azcops').toLowerCase().replaceAll(' ', '')}.example`;
}

export const roles = ['admin', 'approver', 'reader'] as const;
export type Role = (typeof roles)[number];

/** An access token of the sandbox for one of its people; by default in the operator's own tenant. */
export async function sandboxToken(sandbox: Sandbox, role: Role, tenantId = sandbox.homeTenantId): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'password',
    client_id: sandbox.application.clientId,
    client_secret: sandbox.application.clientSecret,
    username: `${role}@${domainOf(sandbox, tenantId)}`,
    password: 'sandbox',
    scope: `${sandbox.audience}/.default`,
  });
  const answer = await request(`${sandbox.url}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    caFile: sandbox.caFile,
  });
  const { access_token: token, error_description: reason } = (answer.json ?? {}) as Record<string, string | undefined>;
  if (!token)
    throw new Error(
      `The sandbox gave no token for ${role} in tenant ${tenantId}: ${reason ?? `HTTP ${answer.status}`}`,
    );
  return token;
}
