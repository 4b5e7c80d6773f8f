import { setTimeout as sleep } from 'node:timers/promises';
import type { Attributes, Context, Span, SpanKind, TextMapGetter } from '@opentelemetry/api';

/** What a span is of: a request that is served, work taken from a queue, or a request to somebody else. */
export type SpanOf = 'server' | 'consumer' | 'client';

interface Tracing {
  start(name: string, of: SpanOf, attributes: Attributes, parent: Context): Span;
  within<T>(span: Span, parent: Context, work: () => T): T;
  active(): Context;
  received(headers: Readonly<Record<string, unknown>>): Context;
  current(): Span | undefined;
  failed(span: Span, error: unknown): void;
  stop(): Promise<void>;
}

/** Null unless traces are wanted: then nothing of OpenTelemetry's SDK is loaded, and nothing is spent. */
let tracing: Tracing | null = null;

/** Names that OpenTelemetry gives the ways of choosing traces. */
export const TRACE_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Which traces are kept; `ratio`, 0 to 1, is for those that go by it. */
export interface TraceSampling {
  sampler: (typeof TRACE_SAMPLERS)[number];
  ratio: number;
}

/** How long the end of a process may wait for a receiver to take what is left. */
const LONGEST_FAREWELL_MS = 5_000;

/**
 * Sends traces from here on, by OTLP over HTTP. Where to and as whom is read by the SDK itself from the standard variables
 * (`OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`); which traces are kept it does not read.
 */
export async function startTracing(service: string, sampling: TraceSampling): Promise<void> {
  const [api, sdk, { OTLPTraceExporter }, contexts, core, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
  ]);
  api.context.setGlobalContextManager(new contexts.AsyncLocalStorageContextManager().enable());
  const propagator = new core.W3CTraceContextPropagator();
  const resource = resources.resourceFromAttributes({ 'service.name': service });
  const [, parentBased, way] = /^(parentbased_)?(.*)$/.exec(sampling.sampler)!;
  const root =
    way === 'always_off'
      ? new sdk.AlwaysOffSampler()
      : way === 'always_on'
        ? new sdk.AlwaysOnSampler()
        : new sdk.TraceIdRatioBasedSampler(sampling.ratio);
  const provider = new sdk.TracerProvider({
    sampler: parentBased ? new sdk.ParentBasedSampler({ root }) : root,
    resource: resource.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer('azcops');
  const kinds: Record<SpanOf, SpanKind> = {
    server: api.SpanKind.SERVER,
    consumer: api.SpanKind.CONSUMER,
    client: api.SpanKind.CLIENT,
  };
  const getter: TextMapGetter<Readonly<Record<string, unknown>>> = {
    get: (headers, key) => (typeof headers[key] === 'string' ? headers[key] : undefined),
    keys: (headers) => Object.keys(headers),
  };
  tracing = {
    start: (name, of, attributes, parent) => tracer.startSpan(name, { kind: kinds[of], attributes }, parent),
    within: (span, parent, work) => api.context.with(api.trace.setSpan(parent, span), work),
    active: () => api.context.active(),
    received: (headers) => propagator.extract(api.ROOT_CONTEXT, headers, getter),
    current: () => api.trace.getActiveSpan(),
    failed: (span, error) => {
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
    },
    stop: async () => {
      await Promise.race([provider.shutdown(), sleep(LONGEST_FAREWELL_MS, undefined, { ref: false })]);
      api.context.disable();
    },
  };
}

/** Sends what is left. A receiver that is gone or does not answer keeps the process for seconds at most. */
export async function stopTracing(): Promise<void> {
  await tracing?.stop().catch(() => undefined);
  tracing = null;
}

/** Does the work in a span of its own; `note` adds attributes to it. Only the work where no traces are wanted. */
export async function traced<T>(
  name: string,
  of: SpanOf,
  attributes: Attributes,
  work: (note: (attributes: Attributes) => void) => Promise<T>,
): Promise<T> {
  if (!tracing) return work(() => undefined);
  const parent = tracing.active();
  const span = tracing.start(name, of, attributes, parent);
  try {
    return await tracing.within(span, parent, () => work((more) => void span.setAttributes(more)));
  } catch (error) {
    tracing?.failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/**
 * A span for a request that is served by callbacks: `go` runs the rest of it within the span, whose parent is the caller's
 * if the headers name one. Null where no traces are wanted.
 */
export function serveTraced(
  headers: Readonly<Record<string, unknown>>,
  attributes: Attributes,
  go: () => void,
): { end(name: string, attributes: Attributes, isFailure: boolean): void } | null {
  if (!tracing) {
    go();
    return null;
  }
  const { start, received, within, failed } = tracing;
  const parent = received(headers);
  const span = start('request', 'server', attributes, parent);
  within(span, parent, go);
  return {
    end: (name, more, isFailure) => {
      span.updateName(name).setAttributes(more);
      if (isFailure) failed(span, undefined);
      span.end();
    },
  };
}

/** The trace that this is part of; undefined where there is none. */
export function traceId(): string | undefined {
  return tracing?.current()?.spanContext().traceId;
}
