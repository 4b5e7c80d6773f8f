import { clipped, type Story } from '../story.js';

/** Limits of Block Kit, in characters: header 150, a section's text 3,000, ten fields of 2,000; fifty blocks. */
const HEADER = 150;
const TEXT = 1_000;
const FIELDS = 10;
const FIELD = 500;
/** A longer link than this is left out. */
const LINK = 1_500;

/** A story as Block Kit. `text` is what notifications show. */
export function slackMessage({ title, text, facts, items, more, url }: Story) {
  const mrkdwn = (content: string) => ({ type: 'mrkdwn', text: content });
  const fields = facts
    .slice(0, FIELDS)
    .map(({ label, value }) => mrkdwn(`*${escaped(label, 100)}*\n${escaped(value, FIELD)}`));
  return {
    text: escaped(title, 300),
    blocks: [
      // Plain text is shown as it stands.
      { type: 'header', text: { type: 'plain_text', text: clipped(title, HEADER), emoji: false } },
      ...(text ? [{ type: 'section', text: mrkdwn(escaped(text, TEXT)) }] : []),
      ...(fields.length > 0 ? [{ type: 'section', fields }] : []),
      ...items.map((item) => ({ type: 'section', text: mrkdwn(linked(item.url, escaped(item.text, FIELD))) })),
      ...(more ? [{ type: 'context', elements: [mrkdwn(escaped(more, FIELD))] }] : []),
      ...(url ? [{ type: 'context', elements: [mrkdwn(linked(url, 'Details'))] }] : []),
    ],
  };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** The three characters that mean something to Slack: with `<` texts could mention everybody. */
function escaped(text: string, most: number): string {
  return clipped(text, most, (character) => ENTITIES[character] ?? character);
}

function linked(url: string, text: string): string {
  const target = escaped(url.replaceAll('|', '%7C'), Number.POSITIVE_INFINITY);
  return target.length <= LINK ? `<${target}|${text}>` : text;
}
