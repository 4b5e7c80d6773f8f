import type { Connector, ReadContext, ReadProof } from '#core/connector.js';
import { IncompleteReadError, InvariantError, UnavailableError } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import { traced } from '#core/tracing.js';
import type { RecordKind } from '#core/records.js';
import type { ClaimedWindow } from '#db/repositories/ingestion-window.repository.js';
import type { RecordSink } from '#db/record-sink.js';
import type { KeptAnswer } from '#db/repositories/raw-snapshot.repository.js';
import { rawPath } from '#raw-store/raw-path.js';
import type { Parts } from '../parts.js';
import { outcomeOf } from './window-outcome.js';
import { countingRequests, type RequestCount } from './request-count.js';

const NO_LONGER_OURS = 'The run was cancelled, or another attempt has taken the window over.';

/** Works on one window: source → raw store → ledger or inventory → checkpoint. */
export class WindowRunner {
  constructor(private readonly parts: Parts) {}

  /**
   * Makes one attempt at a claimed window and records how it ended; a failure that another attempt may cure gives the
   * window back. Throws only when the outcome itself cannot be recorded, so that the job comes back.
   */
  run(window: ClaimedWindow, signal: AbortSignal): Promise<void> {
    const { connector, scope, attempt, runId, id, correlationId, tenantId } = window;
    const about = {
      'azcops.connector': connector,
      'azcops.scope': scope,
      'azcops.attempt': attempt,
      'azcops.tenant_id': tenantId,
      'azcops.run_id': runId,
      'azcops.window_id': id,
      'azcops.correlation_id': correlationId ?? undefined,
    };
    return traced(`window ${connector}`, 'consumer', about, () => this.attempt(window, signal));
  }

  private async attempt(window: ClaimedWindow, signal: AbortSignal): Promise<void> {
    const { windows, clock } = this.parts;
    const startedAt = clock.now();
    const identity = { run_id: window.runId, window_id: window.id, correlation_id: window.correlationId };
    const logger = this.parts.logger.child({
      ...identity,
      operation_name: 'ingest_window',
      tenant_id: window.tenantId,
      connector: window.connector,
      scope: window.scope,
      from: window.range?.from,
      to: window.range?.to,
      attempt: window.attempt,
    });
    logger.info('window started');
    const count: RequestCount = { requests: 0, retries: 0 };
    const duration = () => clock.now().getTime() - startedAt.getTime();
    try {
      const { proof, rows } = await countingRequests(count, () =>
        this.publish(window, startedAt, count, this.parts.logger.child(identity), signal),
      );
      const line = { pages: proof.pages, rows, ...count, duration_ms: duration() };
      if (proof.complete) {
        this.parts.metrics.observeWindow(window.connector, rows, duration());
        logger.info(line, 'window succeeded');
      } else {
        logger.warn({ ...line, reason: proof.incompleteReason }, 'window is incomplete');
      }
    } catch (error) {
      const outcome = outcomeOf(error, window, signal);
      if (!signal.aborted) this.parts.metrics.observeFailure(window.connector, error);
      const line = {
        status: outcome?.status,
        reason: outcome?.reason,
        action: outcome?.action,
        ...count,
        duration_ms: duration(),
      };
      // Without an outcome the window is no longer ours: nothing went wrong, and whoever has it will tell.
      if (!outcome) return logger.warn({ ...line, reason: NO_LONGER_OURS }, 'window attempt ended');
      if (error instanceof InvariantError) logger.error({ ...line, err: error }, 'window attempt ended');
      else logger.warn(line, 'window attempt ended');
      await windows.finishAlone(window, outcome).catch((failure: unknown) => {
        if (!(failure instanceof Error && failure.name === 'FencedError')) throw failure;
      });
    }
    await this.parts.plans.advance(window);
  }

  private async publish(
    window: ClaimedWindow,
    startedAt: Date,
    count: RequestCount,
    logger: Logger,
    signal: AbortSignal,
  ) {
    const { connectors, sinks, windows } = this.parts;
    const connector = connectors.get(window.connector);
    if (!connector) throw new InvariantError(`there is no connector ${window.connector}`);
    signal.throwIfAborted();
    const context = await this.context(window, logger, signal);
    const sink = (await sinks[connector.produces]({
      tenantId: window.tenantId,
      source: connector.id,
      subscriptionId: window.subscriptionId,
      range: window.range,
      runId: window.runId,
      startedAt,
    })) as RecordSink<RecordKind>;
    try {
      const proof = await readInto(sink, connector, window, context);
      signal.throwIfAborted();
      if (!proof.complete && connector.produces === 'cost') throw incomplete(proof);
      const published = await sink.publish(proof, (tx, { rows, totals }) =>
        windows.finish(tx, window, {
          ...(proof.complete
            ? { status: 'succeeded', reason: proof.unavailable?.reason, action: proof.unavailable?.action }
            : outcomeOf(incomplete(proof), window, signal)!),
          pages: proof.pages,
          rows,
          totals,
          proof: proofView(proof, rows, count),
        }),
      );
      return { proof, rows: published.rows };
    } finally {
      await sink.discard();
    }
  }

  private async context(window: ClaimedWindow, logger: Logger, signal: AbortSignal): Promise<ReadContext> {
    const { tenants, subscriptions, resources, connectors, rawStore, rawSnapshots, clock } = this.parts;
    const [tenant] = await tenants.targets(window.tenantId);
    if (!tenant)
      throw new UnavailableError('The tenant was removed after the run began.', 'Register it again to read it.', {
        lasting: false,
      });
    // A window of one subscription has no use for the thousand others.
    const asked = window.subscriptionId === null ? window.subscriptionIds : [window.subscriptionId];
    const known: ReadonlyMap<string, KeptAnswer> =
      window.continuesFrom === null
        ? new Map()
        : await rawSnapshots.answersOf(window.tenantId, window.id, window.continuesFrom);
    return {
      tenant,
      subscriptions: await subscriptions.targets(window.tenantId, asked),
      resources:
        window.subscriptionId === null
          ? []
          : await resources.targets(
              window.tenantId,
              window.subscriptionId,
              connectors.get(window.connector)?.resourceTypes ?? [],
            ),
      keep: async ({ body, label, ...answer }) => {
        const identity = { ...window, runId: window.runId, windowId: window.id, at: clock.now(), label };
        const stored = await rawStore.write(rawPath(identity), body);
        await rawSnapshots.record({ ...identity, ...stored, source: window.connector, answer });
      },
      recall: async (requestHash) => {
        const kept = known.get(requestHash);
        // Workers whose folders are their own do not find what another one has kept: the source is asked again.
        const body = kept && (await rawStore.read(kept.path));
        return body ? { ...kept, body } : null;
      },
      clock,
      logger,
      signal,
    };
  }
}

async function readInto(
  sink: RecordSink<RecordKind>,
  connector: Connector,
  window: ClaimedWindow,
  context: ReadContext,
): Promise<ReadProof> {
  const batches = connector.read(window, context);
  for (;;) {
    const step = await batches.next();
    if (step.done) return step.value;
    await sink.add(step.value as never);
  }
}

function incomplete(proof: ReadProof): IncompleteReadError {
  return new IncompleteReadError(
    proof.incompleteReason ?? 'The answer is incomplete.',
    'Nothing to do at once: the window is read again. If it persists, report it with the run id.',
  );
}

/** The proof as people read it in the run's status. */
function proofView(proof: ReadProof, rows: number, count: RequestCount): Record<string, unknown> {
  return {
    pages: proof.pages,
    rows: proof.rows,
    rows_written: rows,
    expected: proof.expected,
    complete: proof.complete,
    covered_days: proof.coveredDays.length,
    covered_from: proof.coveredDays[0] ?? null,
    covered_to: proof.coveredDays.at(-1) ?? null,
    subscriptions_seen: proof.subscriptionsSeen?.length ?? null,
    grain: proof.grain,
    amounts: proof.amounts,
    ...count,
  };
}
