import { clipped, type Story } from '../story.js';

/** Far below the 32,767 characters that a text may have. */
const TEXT = 2_000;

/** A story in the Atlassian Document Format; `withTitle` where no summary stands above it. */
export function jiraDocument({ title, text, facts, url }: Story, withTitle: boolean) {
  const words = (content: string, ...marks: object[]) => ({
    type: 'text',
    text: content,
    ...(marks.length > 0 && { marks }),
  });
  const paragraph = (...content: object[]) => ({ type: 'paragraph', content });
  const strong = { type: 'strong' };
  return {
    type: 'doc',
    version: 1,
    content: [
      ...(withTitle ? [paragraph(words(clipped(title, TEXT), strong))] : []),
      ...(text ? [paragraph(words(clipped(text, TEXT)))] : []),
      ...facts.map(({ label, value }) => paragraph(words(`${label}: `, strong), words(clipped(value, TEXT)))),
      ...(url ? [paragraph(words('Details', { type: 'link', attrs: { href: url } }))] : []),
    ],
  };
}
