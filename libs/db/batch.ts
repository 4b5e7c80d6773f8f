import pg, { type PoolClient, type Submittable } from 'pg';

/** A statement of a batch; one with a name is prepared once per connection. */
export interface BatchStatement {
  text: string;
  name?: string | undefined;
  values?: readonly unknown[];
}

/** What became of a batch: the rows of each statement that was carried out, and what ended it early. */
export interface BatchOutcome {
  rows: object[][];
  error?: Error;
}

/**
 * Sends statements as one message that the server answers as one: sent one by one, each costs both sides a system call
 * and a wake-up. The server stops at the first that fails and leaves the transaction to be rolled back. Rejects, with
 * nothing sent, when a value cannot be written.
 */
export function sendBatch(client: PoolClient, statements: readonly BatchStatement[]): Promise<BatchOutcome> {
  return new Promise((resolve) => client.query(new Batch(statements, preparedOn(client), resolve)));
}

/** How the rows of a statement become objects. */
interface Columns {
  names: string[];
  readers: ((text: string) => unknown)[];
  /** All columns, so that rows have one shape. */
  blank: Record<string, unknown>;
}

/** Of a statement that answers no rows. */
const NONE: Columns = { names: [], readers: [], blank: {} };

/** Statements that a connection has prepared, with their columns as far as the server has described them. */
type Prepared = Map<string, Columns | undefined>;
const connections = new WeakMap<PoolClient, Prepared>();

function preparedOn(client: PoolClient): Prepared {
  let known = connections.get(client);
  if (!known) connections.set(client, (known = new Map()));
  return known;
}

/** The part of the driver's connection that a query of its own writes to; its declared types are of an older version. */
interface Wire {
  stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly unknown[] }): void;
  describe(message: { type: 'P'; name: '' }): void;
  execute(message: object): void;
  sync(): void;
  on(event: 'parseComplete', listener: () => void): void;
  off(event: 'parseComplete', listener: () => void): void;
}

/** How the driver writes values, which its types leave out. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

/** The driver calls `submit`, and then a handler per message of the server's answer. */
class Batch implements Submittable {
  /** Set by the driver, which stops its `query_timeout` when this is called. */
  callback?: () => void;
  readonly #rows: object[][] = [];
  /** Names of statements whose preparation the server has yet to confirm; an empty one is of no use later. */
  readonly #preparing: string[] = [];
  /** As they are sent: what cannot be written is found before anything is. */
  readonly #values: unknown[][];
  #current: object[] = [];
  #columns: Columns | undefined;
  #wire: Wire | undefined;

  constructor(
    private readonly statements: readonly BatchStatement[],
    private readonly prepared: Prepared,
    private readonly done: (outcome: BatchOutcome) => void,
  ) {
    this.#values = statements.map(({ values = [] }) => values.map((value) => prepareValue(value)));
    this.#begin();
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    this.#wire = wire;
    wire.on('parseComplete', this.#confirm);
    wire.stream.cork();
    for (const [index, { text, name = '' }] of this.statements.entries()) {
      if (name === '' || !(this.prepared.has(name) || this.#preparing.includes(name))) {
        wire.parse({ name, text });
        this.#preparing.push(name);
      }
      wire.bind({ statement: name, values: this.#values[index]! });
      if (!this.prepared.get(name)) wire.describe({ type: 'P', name: '' });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    const names = fields.map(({ name }) => name);
    this.#columns = {
      names,
      readers: fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID)),
      blank: Object.fromEntries(names.map((name) => [name, null])),
    };
    const { name } = this.statements[this.#rows.length]!;
    if (name) this.prepared.set(name, this.#columns);
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const { names, readers, blank } = this.#columns!;
    const row = { ...blank };
    for (let index = 0; index < names.length; index += 1) {
      const text = fields[index];
      if (text != null) row[names[index]!] = readers[index]!(text);
    }
    this.#current.push(row);
  }

  handleCommandComplete(): void {
    const { name } = this.statements[this.#rows.length]!;
    if (name && !this.#columns) this.prepared.set(name, NONE);
    this.#rows.push(this.#current);
    this.#begin();
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  readonly #confirm = (): void => {
    const name = this.#preparing.shift();
    if (name) this.prepared.set(name, undefined);
  };

  #begin(): void {
    this.#current = [];
    this.#columns = this.prepared.get(this.statements[this.#rows.length]?.name ?? '');
  }

  #end(error?: Error): void {
    this.#wire?.off('parseComplete', this.#confirm);
    this.callback?.();
    this.done({ rows: this.#rows, ...(error && { error }) });
  }
}
