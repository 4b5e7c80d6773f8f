import { z } from 'zod';
import { accepted } from '../answer.js';
import type { Channel } from '../channel.js';
import { storyOf } from '../story.js';
import { slackMessage } from './slack-message.js';

/** A Slack channel through an incoming webhook, whose URL is a secret. */
export const slack: Channel = {
  kind: 'slack',
  options: z.strictObject({}),
  addressIn: 'secret',
  mostEvents: 100,
  hasDigest: true,
  missing: ({ url }) => (url ? null : '_URL'),
  async send(message, { url }, { now, exchange, linkTo }) {
    const body = JSON.stringify(slackMessage(storyOf(message, linkTo)));
    const answer = await exchange({ method: 'POST', url, headers: {}, body });
    // Slack says what is wrong in one word: no_service, channel_is_archived, invalid_payload.
    accepted(answer, now, ({ text }) => (/^[a-z_]{1,64}$/.test(text.trim()) ? text : null));
    return { responseStatus: answer.status };
  },
};
