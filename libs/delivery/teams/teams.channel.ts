import { z } from 'zod';
import { accepted, jsonOf } from '../answer.js';
import type { Channel } from '../channel.js';
import { storyOf } from '../story.js';
import { teamsMessage } from './teams-message.js';

/** A Teams channel through the webhook of a workflow, whose URL is a secret. */
export const teams: Channel = {
  kind: 'teams',
  options: z.strictObject({}),
  addressIn: 'secret',
  mostEvents: 100,
  hasDigest: true,
  missing: ({ url }) => (url ? null : '_URL'),
  async send(message, { url }, { now, exchange, linkTo }) {
    const body = JSON.stringify(teamsMessage(storyOf(message, linkTo)));
    const answer = await exchange({ method: 'POST', url, headers: {}, body });
    accepted(answer, now, (refusal) => {
      const { error } = jsonOf(refusal) as { error?: { code?: unknown; message?: unknown } };
      return error ? `${error.code}: ${error.message}` : null;
    });
    return { responseStatus: answer.status };
  },
};
