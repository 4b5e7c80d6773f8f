import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import { HungUpError } from '#core/errors.js';
import type { Reader, TenantScope } from '#core/scope.js';
import { traced } from '#core/tracing.js';
import { isGivenUp } from './away.js';
import { sendBatch, type BatchOutcome, type BatchStatement } from './batch.js';
import { LostConnections } from './lost-connections.js';
import { CONNECT_PATIENCE_MS } from './pool.js';
import { TOO_MANY_CONNECTIONS } from './unreachable.js';

export type SqlValue = unknown;

/** What a span says of a call; statements stay out of it, because what is read is in the log and the API's route. */
const POSTGRESQL = { 'db.system.name': 'postgresql' } as const;

/** One open transaction with the tenant scope set; every statement in it sees that scope only. */
export interface Transaction {
  query<Row extends object>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** The connection itself, for COPY and for the queue. */
  readonly client: PoolClient;
}

/** Reads every tenant's rows, and its policy asks nothing per row. The API's login may take it, and has to. */
export const ALL_TENANTS_ROLE = 'azcops_all_tenants';

/** One statement with its bound values. */
export interface Statement {
  sql: string;
  values: readonly SqlValue[];
  /** When the statement timeout ends it, it answers no rows instead of an error. Only the last one may. */
  mayTimeOut?: boolean;
}

/** Access to PostgreSQL; nothing is read or written without a tenant scope. */
export class Database {
  private readonly preparedNames = new Map<string, string>();
  private readonly lost: LostConnections;

  /**
   * The pool's connections carry no scope until a transaction sets one. With `readAllRole`, reads of all tenants take
   * that role; otherwise a setting says that all are meant, as for writes. `control` is there for what must not wait for
   * a connection of the pool: whether the database answers, and the end of statements that nobody waits for.
   */
  constructor(
    readonly pool: Pool,
    readonly readAllRole?: typeof ALL_TENANTS_ROLE,
    private readonly control: Pool = pool,
  ) {
    this.lost = new LostConnections(pool);
  }

  /**
   * A connection of one's own, to be released. One that is lost fails its next statement; it does not end the process. Where
   * the server gives no further one, those that this process has are waited for, as when it has all that it may.
   */
  async connect(): Promise<PoolClient> {
    const client = await this.patientlyConnect();
    // The pool listens only while a connection is idle, and an error that nobody listens to ends the process.
    if (!client.listeners('error').includes(leaveToNextStatement)) client.on('error', leaveToNextStatement);
    return client;
  }

  private async patientlyConnect(): Promise<PoolClient> {
    for (const deadline = Date.now() + CONNECT_PATIENCE_MS; ; await sleep(CONNECT_AGAIN_MS)) {
      try {
        return await this.pool.connect();
      } catch (error) {
        if ((error as { code?: unknown }).code !== TOO_MANY_CONNECTIONS || Date.now() > deadline) throw error;
      }
    }
  }

  /** One read statement in its own transaction, in one round trip. */
  async query<Row extends object>(scope: TenantScope, sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const [rows] = await this.queries<[Row]>(scope, [{ sql, values }]);
    return rows;
  }

  /**
   * Several read statements that see the same state of the database, in one round trip. Answers the rows of each; throws
   * `HungUpError`, and ends what is running, when the scope's reader has hung up.
   */
  async queries<Rows extends object[]>(
    scope: TenantScope,
    statements: { readonly [Index in keyof Rows]: Statement },
  ): Promise<{ [Index in keyof Rows]: Rows[Index][] }> {
    const { opening, role } = this.readOpening(scope, statements.length > 1 ? BEGIN_READS : BEGIN_READ);
    return traced('postgresql read', 'client', POSTGRESQL, () =>
      this.send<Rows>(opening, statements, role, scope.reader),
    );
  }

  /**
   * Statements that change something as one, in one round trip: what they lock waits for nothing that this process does.
   * Answers the rows of each. What is not `durable` waits for no disk: a crash of the server may lose it, unless something
   * durable was committed later.
   */
  async writes<Rows extends object[]>(
    scope: TenantScope,
    statements: { readonly [Index in keyof Rows]: Statement },
    { durable = true }: { durable?: boolean } = {},
  ): Promise<{ [Index in keyof Rows]: Rows[Index][] }> {
    const opening = [...openingOf(scope, BEGIN), ...(durable ? [] : [WAIT_FOR_NO_DISK])];
    return traced('postgresql transaction', 'client', POSTGRESQL, () => this.send<Rows>(opening, statements));
  }

  /**
   * The rows of one read statement in parts, as they are asked for, all of one state of the database. What ends early has to
   * end the generator: until its last part is there, it holds a connection. The statement timeout is that of each part.
   */
  async *parts<Row extends object>(scope: TenantScope, { sql, values }: Statement): AsyncGenerator<Row[], void> {
    const { opening } = this.readOpening(scope, BEGIN_READS);
    const declare = { text: `DECLARE parts NO SCROLL CURSOR FOR ${sql}`, values };
    const client = await this.connect();
    let failed: Error | undefined;
    let last: Row[];
    try {
      for (let batch = [...opening, OUTLAST_READER, declare, FETCH_PART]; ; batch = [FETCH_PART]) {
        const { rows, error } = await traced('postgresql read', 'client', POSTGRESQL, () => sendBatch(client, batch));
        failed = error;
        if (error) throw error;
        last = rows.at(-1) as Row[];
        if (last.length < PART_ROWS) break;
        yield last;
      }
    } finally {
      client.release(await rollBack(client, failed));
    }
    yield last;
  }

  /** Begins a read in its scope; of all tenants under the role that is meant for them. */
  private readOpening(scope: TenantScope, begin: BatchStatement): { opening: BatchStatement[]; role?: string } {
    const role = scope.kind === 'all' ? this.readAllRole : undefined;
    return role ? { opening: [begin, takeRole(role)], role } : { opening: openingOf(scope, begin) };
  }

  private async send<Rows extends object[]>(
    opening: readonly BatchStatement[],
    statements: { readonly [Index in keyof Rows]: Statement },
    role?: string,
    reader?: Reader,
  ): Promise<{ [Index in keyof Rows]: Rows[Index][] }> {
    // After a migration every connection of the pool has to go, and a new one prepares anew.
    for (let stale = 0; ; stale += 1) {
      try {
        return await this.sendOnce<Rows>(opening, statements, role, reader);
      } catch (error) {
        if (reader?.isGone) throw new HungUpError();
        if (!isStalePlan(error) || stale > MOST_STALE) throw error;
      }
    }
  }

  private async sendOnce<Rows extends object[]>(
    opening: readonly BatchStatement[],
    statements: { readonly [Index in keyof Rows]: Statement },
    role: string | undefined,
    reader: Reader | undefined,
  ): Promise<{ [Index in keyof Rows]: Rows[Index][] }> {
    const client = await this.connect();
    let broken: Error | undefined;
    try {
      const batch = [
        ...opening,
        ...statements.map(({ sql, values }) => ({ name: this.nameOf(sql, role), text: sql, values })),
        COMMIT,
      ];
      const { rows, error } = await (reader ? this.sendTo(reader, client, batch) : sendBatch(client, batch));
      if (error) {
        broken = await rollBack(client, error);
        const at = rows.length - opening.length;
        if (!(statements[at]?.mayTimeOut && isTimeout(error))) throw error;
      }
      return statements.map((_, index) => rows[opening.length + index] ?? []) as never;
    } finally {
      client.release(broken);
    }
  }

  /** A statement for a connection of one's own, which parses and plans it the first few times only. */
  prepared(sql: string, values: readonly unknown[]): QueryConfig {
    return { name: this.nameOf(sql, 'driver'), text: sql, values: values as unknown[] };
  }

  /** Sends a batch and has it cancelled when its reader hangs up; not sent at all to one who did so before. */
  private async sendTo(reader: Reader, client: PoolClient, batch: readonly BatchStatement[]): Promise<BatchOutcome> {
    if (reader.isGone) throw new HungUpError();
    const cancellations: Promise<unknown>[] = [];
    const cancel = (): void => {
      const { processID } = client as PoolClient & { processID: number };
      cancellations.push(this.control.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined));
    };
    reader.onGone(cancel);
    try {
      return await sendBatch(client, batch);
    } finally {
      reader.offGone(cancel);
      // Late, it would end what comes next on this connection.
      if (cancellations.length > 0) await Promise.all(cancellations);
    }
  }

  /**
   * A plan holds for one role: shared by two, it would be made anew whenever they take turns on a connection. And neither
   * the driver nor a batch knows what the other has prepared there.
   */
  private nameOf(sql: string, plannedFor = ''): string | undefined {
    const key = `${plannedFor} ${sql}`;
    let name = this.preparedNames.get(key);
    if (name === undefined && this.preparedNames.size < MOST_PREPARED) {
      name = `azcops_${this.preparedNames.size}`;
      this.preparedNames.set(key, name);
    }
    return name;
  }

  /** Several statements as one: committed when `work` resolves, rolled back when it throws. */
  transaction<T>(scope: TenantScope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return traced('postgresql transaction', 'client', POSTGRESQL, () => this.transact(scope, work));
  }

  private async transact<T>(scope: TenantScope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let broken: Error | undefined;
    try {
      const { error } = await sendBatch(client, openingOf(scope, BEGIN));
      if (error) throw error;
      const result = await work({
        client,
        query: async <Row extends object>(sql: string, values: readonly SqlValue[] = []) =>
          (await client.query<Row>(this.prepared(sql, values))).rows,
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      broken = await rollBack(client, error as Error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Ends connections that lead to a server that is gone; answers how many there were. */
  endLost(): Promise<number> {
    return this.lost.end();
  }

  /** True when the database answers, however busy the pool is. */
  async isUp(): Promise<boolean> {
    try {
      await this.control.query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    for (const pool of [this.pool, this.control]) if (!pool.ending) await pool.end();
  }
}

/** Texts that are prepared once per connection; the rest of what filters can be combined to is parsed each time. */
const MOST_PREPARED = 200;

function leaveToNextStatement(): void {
  // Every statement on a lost connection is refused with the reason.
}

const BEGIN: BatchStatement = { name: 'begin', text: 'BEGIN' };
const BEGIN_READ: BatchStatement = { name: 'begin_read', text: 'BEGIN READ ONLY' };
const BEGIN_READS: BatchStatement = {
  name: 'begin_reads',
  text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
};
/** Rows of a part: enough that the way to the database does not count, few enough that nobody notices their memory. */
const PART_ROWS = 1_000;
const FETCH_PART: BatchStatement = { text: `FETCH ${PART_ROWS} FROM parts` };
/** Whoever takes a part is waited for, but not as long as a process that was paused. */
const OUTLAST_READER: BatchStatement = {
  name: 'outlast_reader',
  text: `SET LOCAL idle_in_transaction_session_timeout = '2min'`,
};
const WAIT_FOR_NO_DISK: BatchStatement = { name: 'no_disk', text: 'SET LOCAL synchronous_commit = off' };
const COMMIT: BatchStatement = { name: 'commit', text: 'COMMIT' };

function takeRole(role: string): BatchStatement {
  return { name: 'scope_role', text: `SET LOCAL ROLE ${role}` };
}

/** Begins a transaction and sets its scope. */
function openingOf(scope: TenantScope, begin: BatchStatement): BatchStatement[] {
  switch (scope.kind) {
    case 'all':
      return [begin, { name: 'scope_all', text: `SET LOCAL azcops.all_tenants = 'on'` }];
    case 'tenant':
      return [
        begin,
        { name: 'scope_tenant', text: `SELECT set_config('azcops.tenant_id', $1, true)`, values: [scope.tenantId] },
      ];
    case 'azure-tenant':
      return [
        begin,
        {
          name: 'scope_azure_tenant',
          text: `SELECT set_config('azcops.tenant_id', coalesce(tenant_id_of($1)::text, ''), true)`,
          values: [scope.azureTenantId],
        },
      ];
  }
}

const CONNECT_AGAIN_MS = 100;

/** PostgreSQL's code for a statement that its timeout ended. */
const QUERY_CANCELED = '57014';
/** More than a pool has connections. */
const MOST_STALE = 50;

/** Ends a transaction after a failure, if any; answers why the connection is not to be used again. */
async function rollBack(client: PoolClient, error: Error | undefined): Promise<Error | undefined> {
  // Whatever the connection still brings belongs to what was given up.
  if (isGivenUp(error)) return error;
  let broken: Error | undefined;
  await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
  return broken ?? (isStalePlan(error) ? error : undefined);
}

/**
 * A prepared statement's answer has other columns since a table changed. Its code is that of everything PostgreSQL does not
 * support, so the place of the refusal tells.
 */
function isStalePlan(error: unknown): boolean {
  const { code, routine } = (error ?? {}) as { code?: unknown; routine?: unknown };
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === QUERY_CANCELED;
}
