// A worker of its own process over generated answers of Azure; run by Node itself on the built product. It works until it is
// told to stop, and then says how much memory and processor it took.
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { AzureApi } from '#connectors/azure/azure-api.js';
import { createConnectors } from '#connectors/registry.js';
import { systemClock } from '#core/clock.js';
import { loadConfig } from '#core/config.js';
import { keepHeapSmall } from '#core/heap.js';
import { createLogger } from '#core/logger.js';
import { connectParts } from '../../dist/apps/ingestion/parts.js';
import { IngestionWorker } from '../../dist/apps/ingestion/worker/ingestion-worker.js';

const { databaseUrl, dataDir, azurePort, connectors: wanted } = JSON.parse(process.argv[2]);
const AUTHORITY = 'https://login.test';
const agent = new Agent({ keepAlive: true });

/** Entra ID, and Resource Manager by `azure-process.js`. */
const httpClient = {
  async sendRequest(request) {
    const url = new URL(request.url);
    const answer = { request, status: 200, headers: createHttpHeaders() };
    if (url.origin !== AUTHORITY) return { ...answer, readableStreamBody: await page(url, request.body) };
    const text = JSON.stringify(identity(url));
    return request.streamResponseStatusCodes
      ? { ...answer, readableStreamBody: Readable.from([Buffer.from(text)]) }
      : { ...answer, bodyAsText: text };
  },
};

async function page({ pathname, search }, body) {
  const asked = httpRequest({ port: azurePort, path: pathname + search, method: 'POST', agent }).end(body);
  const [response] = await once(asked, 'response');
  return response;
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

keepHeapSmall();
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
await worker.start();
process.send('ready');
process.once('message', async () => {
  const { user, system } = process.cpuUsage();
  process.send({ peakBytes: process.resourceUsage().maxRSS * 1024, cpuSeconds: (user + system) / 1e6 });
  await worker.stop();
  process.exit(0);
});
