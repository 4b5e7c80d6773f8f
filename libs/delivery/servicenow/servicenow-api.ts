import type { DeliverySecret } from '#core/delivery.js';
import { accepted, jsonOf } from '../answer.js';
import type { SendContext } from '../channel.js';
import { DeliveryRefusedError } from '../delivery-error.js';
import type { Incoming } from '../http-sender.js';
import { authorizationOf } from '../ticket.js';

/** A record as tickets need it. */
export interface TicketRecord {
  sys_id: string;
  /** Tables that do not extend Task have none. */
  number?: string;
  correlation_id?: string;
}

const FIELDS = 'sys_id,number,correlation_id';

/** The calls of ServiceNow's Table API that tickets need, on one table. */
export class ServiceNowApi {
  /** Status of the last answer. */
  status = 0;

  constructor(
    private readonly url: string,
    private readonly table: string,
    private readonly secret: DeliverySecret,
    private readonly context: SendContext,
  ) {}

  /** The newest record with this correlation; null when there is none. */
  async find(correlation: string): Promise<TicketRecord | null> {
    const [found] = await this.list(`correlation_id=${correlation}^ORDERBYDESCsys_created_on`);
    if (!found) return null;
    // A condition on a field that a table does not have is ignored, and any record is answered.
    if (found.correlation_id !== correlation) throw this.withoutCorrelation();
    return found;
  }

  /** Asks for anything, to see whether the account may read the table. */
  async probe(): Promise<void> {
    await this.list('');
  }

  async create(fields: Record<string, string>): Promise<TicketRecord> {
    const { result } = await this.call('POST', '', { sysparm_fields: FIELDS }, fields);
    const record = result as TicketRecord;
    if (record.correlation_id !== fields['correlation_id']) throw this.withoutCorrelation();
    return record;
  }

  async update(sysId: string, fields: Record<string, string>): Promise<void> {
    await this.call('PATCH', `/${encodeURIComponent(sysId)}`, { sysparm_fields: FIELDS }, fields);
  }

  private async list(query: string): Promise<TicketRecord[]> {
    const { result } = await this.call('GET', '', { sysparm_query: query, sysparm_fields: FIELDS, sysparm_limit: '1' });
    return Array.isArray(result) ? (result as TicketRecord[]) : [];
  }

  private async call(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    query: Record<string, string>,
    body?: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const parameters = new URLSearchParams({ ...query, sysparm_exclude_reference_link: 'true' });
    const answer = await this.context.exchange({
      method,
      url: `${this.url}/api/now/table/${this.table}${path}?${parameters}`,
      headers: { authorization: authorizationOf(this.secret) },
      ...(body && { body: JSON.stringify(body) }),
    });
    this.status = accepted(answer, this.context.now, saidByServiceNow).status;
    return jsonOf(answer);
  }

  private withoutCorrelation(): DeliveryRefusedError {
    return new DeliveryRefusedError(
      `The table ${this.table} keeps no correlation_id, so its records cannot be found again.`,
      'Choose a table that extends Task, such as incident, or let the account write correlation_id; then retry.',
      this.status,
    );
  }
}

function saidByServiceNow(answer: Incoming): string | null {
  const { error } = jsonOf(answer) as { error?: { message?: unknown; detail?: unknown } };
  return error ? [error.message, error.detail].filter(Boolean).join(': ') : null;
}
