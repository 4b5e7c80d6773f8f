import type { DeliverySecret } from '#core/delivery.js';
import { accepted, jsonOf } from '../answer.js';
import type { SendContext } from '../channel.js';
import { DeliveryPostponedError } from '../delivery-error.js';
import type { Incoming } from '../http-sender.js';
import { authorizationOf } from '../ticket.js';

/**
 * Jira's search does not know what was written a moment ago; most shows within seconds, all within minutes. Whether an
 * issue was made that nobody was told of can only be asked after that.
 */
const SEARCH_LAG_MS = 180_000;

/** The calls of Jira Cloud's REST API v3 that tickets need. */
export class JiraApi {
  /** Status of the last answer. */
  status = 0;

  constructor(
    private readonly url: string,
    private readonly secret: DeliverySecret,
    private readonly context: SendContext,
  ) {}

  /** Key of an issue with the label; null when the search knows none. */
  async find(project: string, label: string): Promise<string | null> {
    const { issues } = await this.call('POST', 'search/jql', {
      jql: `project = "${project}" AND labels = "${label}" ORDER BY created DESC`,
      fields: ['key'],
      maxResults: 1,
    });
    return (issues as { key: string }[] | undefined)?.[0]?.key ?? null;
  }

  /** Makes an issue; answers its key. */
  async create(fields: Record<string, unknown>): Promise<string> {
    try {
      const { key } = await this.call('POST', 'issue', { fields });
      return String(key);
    } catch (error) {
      if (!(error instanceof DeliveryPostponedError)) throw error;
      const { message, responseStatus, retryAfterMs } = error;
      throw new DeliveryPostponedError(message, responseStatus, Math.max(SEARCH_LAG_MS, retryAfterMs ?? 0));
    }
  }

  async comment(key: string, document: unknown): Promise<void> {
    await this.call('POST', `issue/${encodeURIComponent(key)}/comment`, { body: document });
  }

  /** Moves the issue by a transition of this name, or to a status of it, where its workflow offers that now. */
  async move(key: string, name: string): Promise<void> {
    const path = `issue/${encodeURIComponent(key)}/transitions`;
    const { transitions = [] } = (await this.call('GET', path)) as {
      transitions?: { id: string; name: string; to?: { name?: string } }[];
    };
    const wanted = name.toLowerCase();
    const found = transitions.find(
      (transition) => transition.name.toLowerCase() === wanted || transition.to?.name?.toLowerCase() === wanted,
    );
    // People may have moved it already.
    if (found) await this.call('POST', path, { transition: { id: found.id } });
  }

  /** Which of these permissions the account lacks in the project. */
  async missing(project: string, wanted: readonly string[]): Promise<string[]> {
    const query = new URLSearchParams({ projectKey: project, permissions: wanted.join(',') });
    const { permissions = {} } = (await this.call('GET', `mypermissions?${query}`)) as {
      permissions?: Record<string, { havePermission?: boolean }>;
    };
    return wanted.filter((permission) => !permissions[permission]?.havePermission);
  }

  private async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.context.exchange({
      method,
      url: `${this.url}/rest/api/3/${path}`,
      headers: { authorization: authorizationOf(this.secret) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    this.status = accepted(answer, this.context.now, saidByJira).status;
    return jsonOf(answer);
  }
}

function saidByJira(answer: Incoming): string | null {
  const { errorMessages, errors } = jsonOf(answer) as { errorMessages?: unknown; errors?: unknown };
  const general = Array.isArray(errorMessages) ? errorMessages.map(String) : [];
  const byField = Object.entries((errors ?? {}) as object).map(([field, message]) => `${field}: ${message}`);
  return [...general, ...byField].join('; ') || null;
}
