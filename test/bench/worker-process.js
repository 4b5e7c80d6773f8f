// A worker of its own process over generated answers of Azure; run by Node itself on the built product. It works until it is told to
// stop, and then says how much memory and processor it took.
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { Readable } from 'node:stream';
import { AzureApi } from '#connectors/azure/azure-api.js';
import { createConnectors } from '#connectors/registry.js';
import { systemClock } from '#core/clock.js';
import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { connectParts } from '../../dist/apps/ingestion/parts.js';
import { IngestionWorker } from '../../dist/apps/ingestion/worker/ingestion-worker.js';
import { CostPages } from './cost-pages.ts';
import { InventoryPages } from './inventory-pages.ts';

const { databaseUrl, dataDir, costs, inventory, connectors: wanted } = JSON.parse(process.argv[2]);
/** Who answers which paths. */
const services = new Map([
  ['/Microsoft.CostManagement/', new CostPages(costs)],
  ['/Microsoft.ResourceGraph/', new InventoryPages(inventory)],
]);
const AUTHORITY = 'https://login.test';

/** Entra ID and Resource Manager in place of the network. */
const httpClient = {
  async sendRequest(request) {
    const url = new URL(request.url);
    const body = url.origin === AUTHORITY ? JSON.stringify(identity(url)) : page(url, String(request.body));
    return {
      request,
      status: 200,
      headers: createHttpHeaders(),
      ...(request.streamResponseStatusCodes
        ? { readableStreamBody: Readable.from([Buffer.from(body)]) }
        : { bodyAsText: String(body) }),
    };
  },
};

function page(url, text) {
  const [, service] = [...services].find(([path]) => url.pathname.includes(path));
  const { body, json } = service.answer({ url, json: JSON.parse(text), method: 'POST', headers: {}, text });
  return body ?? JSON.stringify(json);
}

function identity(url) {
  const tenant = url.pathname.split('/')[1];
  if (!url.pathname.endsWith('/openid-configuration')) {
    return { token_type: 'Bearer', expires_in: 86_399, ext_expires_in: 86_399, access_token: 'token' };
  }
  const endpoint = `${AUTHORITY}/${tenant}`;
  return {
    token_endpoint: `${endpoint}/oauth2/v2.0/token`,
    authorization_endpoint: `${endpoint}/oauth2/v2.0/authorize`,
    issuer: `${endpoint}/v2.0`,
    jwks_uri: `${endpoint}/discovery/v2.0/keys`,
  };
}

const config = loadConfig(['database'], { DATABASE_URL: databaseUrl, AZCOPS_DATA_DIR: dataDir, AZURE_QUOTAS: 'off' });
const logger = createLogger({ level: 'silent', format: 'json', service: 'ingestion' });
const parts = await connectParts(config, logger);
const azure = new AzureApi({
  ...config.azure,
  resourceManagerUrl: 'https://management.test:8443',
  authorityHost: AUTHORITY,
  credentials: { default: { clientId: '33333333-3333-4333-8333-333333333333', clientSecret: 'x' }, byRef: {} },
  clientType: 'azcops',
  userAgent: 'azcops',
  clock: systemClock,
  random: Math.random,
  logger,
  budget: parts.quotaBudget,
  httpClient,
});
const connectors = new Map(
  [...createConnectors(azure), parts.connectors.get('rules')]
    .filter(({ id }) => wanted.includes(id))
    .map((connector) => [connector.id, connector]),
);
const worker = new IngestionWorker({ ...parts, connectors });
let top = { rss: 0 };
setInterval(() => {
  const now = process.memoryUsage();
  if (now.rss > top.rss) top = now;
}, 20).unref();
await worker.start();
process.send('ready');
process.once('message', async () => {
  const { user, system } = process.cpuUsage();
  console.error(
    Object.entries(top)
      .map(([k, v]) => `${k} ${Math.round(v / 1e6)}`)
      .join(' '),
  );
  process.send({ peakBytes: process.resourceUsage().maxRSS * 1024, cpuSeconds: (user + system) / 1e6 });
  await worker.stop();
  process.exit(0);
});
