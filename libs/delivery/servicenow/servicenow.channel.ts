import { z } from 'zod';
import type { Channel } from '../channel.js';
import { optionText } from '../option-text.js';
import { clipped, storyOf, type Story } from '../story.js';
import { correlationOf, eventOf, missingCredentials, ticketMeaning } from '../ticket.js';
import { ServiceNowApi } from './servicenow-api.js';

/** short_description has 160 characters where nobody has changed it, description and notes 4,000. */
const SHORT_DESCRIPTION = 160;
const LINE = 300;
/** Closing an incident, with the values that ServiceNow comes with. */
const CLOSED_INCIDENT = { state: '6', close_code: 'Solution provided' };

const fieldName = z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, 'must be a field name');
const fields = z.record(fieldName, optionText(1_000));

const options = z.strictObject({
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,79}$/, 'must be a table name')
    .optional()
    .describe('servicenow: table of the tickets, incident by default; it must extend Task'),
  assignment_group: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be a sys_id')
    .optional()
    .describe('servicenow: sys_id of the group that gets new tickets'),
  fields: fields.optional().describe('servicenow: further fields of new tickets, with the values of the database'),
  close_fields: fields
    .optional()
    .describe('servicenow: what closes a ticket; for incidents state 6 by default, {} to never close'),
  reopen_fields: fields.optional().describe('servicenow: what opens a ticket again; only noted when absent'),
});

/**
 * A record per recommendation in ServiceNow: made once, noted as things happen, and closed. It is found again by its
 * correlation_id, so that a crash makes no second one.
 */
export const servicenow: Channel<typeof options> = {
  kind: 'servicenow',
  options,
  addressIn: 'channel',
  mostEvents: 1,
  hasDigest: false,
  missing: missingCredentials,
  async send(message, { url, options: settings, secret }, context) {
    const base = url.replace(/\/+$/, '');
    const table = settings.table ?? 'incident';
    const api = new ServiceNowApi(base, table, secret, context);
    if (message.kind === 'test') {
      await api.probe();
      return { responseStatus: api.status };
    }
    const { event } = eventOf(message);
    const story = storyOf(message, context.linkTo);
    const correlation = correlationOf(event.recommendation);
    const { makes, closes, reopens } = ticketMeaning(event.kind);
    let record = await api.find(correlation);
    if (record) {
      const closeFields = settings.close_fields ?? (table === 'incident' ? CLOSED_INCIDENT : {});
      const closing = Object.keys(closeFields).length > 0 && { close_notes: story.title, ...closeFields };
      await api.update(record.sys_id, {
        work_notes: `${story.title}\n${inLines(story)}`,
        ...(closes && closing),
        ...(reopens && settings.reopen_fields),
      });
    } else if (makes) {
      record = await api.create({
        ...settings.fields,
        ...(settings.assignment_group && { assignment_group: settings.assignment_group }),
        short_description: clipped(event.recommendation.title, SHORT_DESCRIPTION),
        description: inLines(story),
        correlation_id: correlation,
        correlation_display: 'AzCops',
      });
    }
    return { responseStatus: api.status, ...(record && { ticket: ticketOf(base, table, record) }) };
  },
};

function ticketOf(base: string, table: string, { sys_id: sysId, number }: { sys_id: string; number?: string }) {
  const page = encodeURIComponent(`${table}.do?sys_id=${sysId}`);
  return { key: number ?? sysId, url: `${base}/nav_to.do?uri=${page}` };
}

function inLines({ text, facts, url }: Story): string {
  return [text, ...facts.map(({ label, value }) => `${label}: ${value}`)]
    .filter((line) => line !== null)
    .map((line) => clipped(line, LINE))
    .concat(url ?? [])
    .join('\n');
}
