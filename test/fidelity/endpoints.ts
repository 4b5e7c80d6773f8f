import type { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';

/** The services that not every version of the sandbox has, with a request that tells. */
const PROBES = {
  advisor: (id: string) =>
    ['GET', `/subscriptions/${id}/providers/Microsoft.Advisor/recommendations?api-version=2023-01-01`] as const,
  monitor: (id: string) => ['POST', `/subscriptions/${id}/metrics:getBatch?api-version=2024-02-01`] as const,
};

const UNKNOWN = ['InvalidResourceNamespace', 'InvalidResourceType', 'ResourceNotFound'];

/** Whether the sandbox serves an endpoint at all, be it with a refusal. */
export async function serves(client: SandboxClient, service: keyof typeof PROBES): Promise<boolean> {
  const [method, target] = PROBES[service](client.subscription(0));
  const body = method === 'POST' ? {} : undefined;
  const answer = await client.call(method, target, { headers: await client.authorize(), body });
  const { code } = answer.json().error ?? {};
  return !UNKNOWN.includes(code);
}
