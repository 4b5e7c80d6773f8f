import { z } from 'zod';
import type { Channel } from '../channel.js';
import { DeliveryRefusedError } from '../delivery-error.js';
import { optionText } from '../option-text.js';
import { clipped, storyOf } from '../story.js';
import { correlationOf, eventOf, missingCredentials, ticketMeaning } from '../ticket.js';
import { JiraApi } from './jira-api.js';
import { jiraDocument } from './jira-document.js';

/** Jira allows 255. */
const SUMMARY = 250;
const PERMISSIONS = ['CREATE_ISSUES', 'ADD_COMMENTS', 'TRANSITION_ISSUES'];

const options = z.strictObject({
  project_key: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,99}$/, 'must be a project key: capital letters, digits, underscores')
    .describe('jira: key of the project'),
  issue_type: optionText().optional().describe('jira: name of the issue type, Task by default'),
  labels: z
    .array(z.string().regex(/^[^\s\p{Cc}]{1,255}$/u, 'must be a label: no spaces, at most 255 characters'))
    .max(20, 'must have at most 20 members')
    .optional()
    .describe('jira: labels of new issues'),
  close_transition: optionText()
    .optional()
    .describe('jira: transition, or status it leads to, by which issues are closed; only commented when absent'),
  reopen_transition: optionText().optional().describe('jira: the same for what is open again'),
});

/**
 * An issue per recommendation in Jira Cloud: made once, commented as things happen, and moved where that is configured. A
 * label by which it is found again lets a crash make no second one.
 */
export const jira: Channel<typeof options> = {
  kind: 'jira',
  options,
  addressIn: 'channel',
  mostEvents: 1,
  hasDigest: false,
  missing: missingCredentials,
  async send(message, { url, options: settings, secret }, context) {
    const base = url.replace(/\/+$/, '');
    const api = new JiraApi(base, secret, context);
    if (message.kind === 'test') {
      const missing = await api.missing(settings.project_key, PERMISSIONS);
      if (missing.length === 0) return { responseStatus: api.status };
      throw new DeliveryRefusedError(
        `The account lacks the permissions ${missing.join(', ')} in ${settings.project_key}.`,
        'Grant them to the account that the channel’s secret names, then test again.',
        api.status,
      );
    }
    const { event, ticketKey } = eventOf(message);
    const story = storyOf(message, context.linkTo);
    const label = correlationOf(event.recommendation);
    const { makes, closes, reopens } = ticketMeaning(event.kind);
    let key = ticketKey ?? (await api.find(settings.project_key, label));
    if (key !== null) {
      await api.comment(key, jiraDocument(story, true));
      const transition = closes ? settings.close_transition : reopens ? settings.reopen_transition : undefined;
      if (transition) await api.move(key, transition);
    } else if (makes) {
      key = await api.create({
        project: { key: settings.project_key },
        issuetype: { name: settings.issue_type ?? 'Task' },
        summary: clipped(event.recommendation.title, SUMMARY),
        description: jiraDocument(story, false),
        labels: [...(settings.labels ?? []), label],
      });
    }
    return { responseStatus: api.status, ...(key !== null && { ticket: { key, url: `${base}/browse/${key}` } }) };
  },
};
