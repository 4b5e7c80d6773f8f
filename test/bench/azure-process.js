// What Azure answers, by a process of its own, so that a worker's memory and processor are the worker's alone. Says its port,
// and ends with whoever started it.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { CostPages } from './cost-pages.ts';
import { InventoryPages } from './inventory-pages.ts';

const { costs, inventory } = JSON.parse(process.argv[2]);
/** Who answers which paths. */
const services = new Map([
  ['/Microsoft.CostManagement/', new CostPages(costs)],
  ['/Microsoft.ResourceGraph/', new InventoryPages(inventory)],
]);

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'https://management.test:8443');
  const [, service] = [...services].find(([path]) => url.pathname.includes(path));
  const answer = service.answer({ url, json: await json(request), method: 'POST', headers: {}, text: '' });
  const body = answer.bytes ?? answer.body ?? JSON.stringify(answer.json);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.once('disconnect', () => process.exit(0));
