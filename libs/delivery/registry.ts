import type { ChannelKind } from '#core/delivery.js';
import type { Channel } from './channel.js';
import { jira } from './jira/jira.channel.js';
import { servicenow } from './servicenow/servicenow.channel.js';
import { slack } from './slack/slack.channel.js';
import { teams } from './teams/teams.channel.js';
import { webhook } from './webhook/webhook.channel.js';

/** Every kind of channel; adding one is a folder and a line here. */
const all: readonly Channel[] = [webhook, slack, teams, servicenow, jira];

export const channels: ReadonlyMap<ChannelKind, Channel> = new Map(all.map((channel) => [channel.kind, channel]));
