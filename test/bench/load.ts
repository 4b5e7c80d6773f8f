import autocannon from 'autocannon';

export interface Load {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  status: number;
}

/** Ten connections for some seconds, from a thread of their own; throws unless every answer has one status. */
export async function loadOf(url: string, headers: Record<string, string> = {}, seconds = 4): Promise<Load> {
  await autocannon({ url, headers, connections: 10, duration: 1, workers: 1 });
  const result = await autocannon({ url, headers, connections: 10, duration: seconds, workers: 1 });
  const statuses = Object.keys(result.statusCodeStats ?? {});
  if (statuses.length !== 1 || result.errors > 0) {
    throw new Error(`${url}: ${result.errors} errors, answers ${JSON.stringify(result.statusCodeStats)}`);
  }
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    status: Number(statuses[0]),
  };
}
