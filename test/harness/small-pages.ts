import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { Readable } from 'node:stream';

const PAGE_SIZES = { graph: 12, costs: 110, advisor: 4, prices: 700 };

/** The network to a sandbox, asking for so few rows a page that a small estate has pages to lose. */
export class SmallPages implements HttpClient {
  /** Requests that are forbidden on the way, as if a role were missing. */
  isForbidden: (request: PipelineRequest) => boolean = () => false;
  private readonly wire = createDefaultHttpClient();

  /** Connections are kept per object, not per content. */
  private readonly tlsSettings: { ca: string };

  constructor(ca: string) {
    this.tlsSettings = { ca };
  }

  sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    if (this.isForbidden(request)) return Promise.resolve(forbidden(request));
    request.tlsSettings = this.tlsSettings;
    const url = new URL(request.url);
    if (isGraphQuery(url)) request.body = withTop(request.body as string);
    else if (url.searchParams.has('$skiptoken') || url.searchParams.has('$skip')) return this.wire.sendRequest(request);
    else if (url.pathname.endsWith('/Microsoft.CostManagement/query')) ask(request, url, PAGE_SIZES.costs);
    else if (url.pathname.endsWith('/Microsoft.Advisor/recommendations')) ask(request, url, PAGE_SIZES.advisor);
    else if (url.pathname.endsWith('/retail/prices')) ask(request, url, PAGE_SIZES.prices);
    return this.wire.sendRequest(request);
  }
}

/** Whether a request goes to Resource Graph. */
export function isGraphQuery(url: URL): boolean {
  return url.pathname.endsWith('/Microsoft.ResourceGraph/resources');
}

function ask(request: PipelineRequest, url: URL, rows: number): void {
  url.searchParams.set('$top', String(rows));
  request.url = url.href;
}

function withTop(text: string): string {
  const body = JSON.parse(text) as { options: object };
  return JSON.stringify({ ...body, options: { ...body.options, $top: PAGE_SIZES.graph } });
}

function forbidden(request: PipelineRequest): PipelineResponse {
  const body = { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } };
  return {
    request,
    status: 403,
    headers: createHttpHeaders({ 'content-type': 'application/json' }),
    readableStreamBody: Readable.from([Buffer.from(JSON.stringify(body))]),
  };
}
