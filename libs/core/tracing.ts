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

/** Null unless traces are wanted: then nothing of OpenTelemetry is loaded, and nothing is spent. */
let tracing: Tracing | null = null;

/**
 * Sends traces from here on, by OTLP over HTTP, as the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_RESOURCE_ATTRIBUTES`, …, which the SDK reads itself).
 */
export async function startTracing(service: string): Promise<void> {
  const [api, { BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, contexts, core, resources] =
    await Promise.all([
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
  const provider = new TracerProvider({
    resource: resource.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
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
    stop: () => provider.shutdown(),
  };
}

/** Sends what is left. A receiver that is gone does not keep the process. */
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
