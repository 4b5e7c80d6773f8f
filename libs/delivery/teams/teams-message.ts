import { clipped, type Story } from '../story.js';

/** Together below the 28 KB that a message may have, however many bytes a character takes. */
const TITLE = 200;
const TEXT = 500;
const FACTS = 11;
const VALUE = 200;
const ITEM = 150;
/** A longer link than this is left out. */
const LINK = 500;

/**
 * A story as an Adaptive Card, in the envelope that workflows take. Rich text shows what it is given; text blocks and fact
 * sets would read Markdown in it, and the names of resources are not ours.
 */
export function teamsMessage({ title, text, facts, items, more, url }: Story) {
  const plain = (content: string, style: Record<string, unknown> = {}) => ({
    type: 'TextRun',
    text: content,
    ...style,
  });
  const run = (content: string, most: number, style = {}) => plain(clipped(content, most), style);
  const line = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines });
  const leadingTo = (target: string) =>
    target.length <= LINK ? { selectAction: { type: 'Action.OpenUrl', url: target } } : {};
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            line(run(title, TITLE, { size: 'large', weight: 'bolder' })),
            ...(text ? [line(run(text, TEXT))] : []),
            ...facts
              .slice(0, FACTS)
              .map(({ label, value }) => line(plain(`${label}: `, { weight: 'bolder' }), run(value, VALUE))),
            ...items.map((item) => line(run(item.text, ITEM, leadingTo(item.url)))),
            ...(more ? [line(run(more, ITEM, { isSubtle: true }))] : []),
          ],
          actions: url && url.length <= LINK ? [{ type: 'Action.OpenUrl', title: 'Details', url }] : [],
        },
      },
    ],
  };
}
