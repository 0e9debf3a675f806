/** One piece of news, and the shapes in which Teams and Slack take it. */
import type { Split } from '../../common/split.js';
import type { PlannedWebhook, News } from '../../common/notice.js';

export interface Notification {
  schemaVersion: 1;
  event: News;
  /** A sentence for a person. */
  message: string;
  /** Further sentences, such as why a gate failed. */
  details: string[];
  workspace?: string;
  endpoint: string;
  rolloutId?: string;
  owner?: string;
  blue?: string;
  green?: string;
  /** Green's traffic weight in percent. */
  weight: number;
  traffic: Split;
  /** ISO 8601. */
  time: string;
}

export function payloadFor(format: PlannedWebhook['format'], news: Notification): unknown {
  switch (format) {
    case 'teams':
      return teamsCard(news);
    case 'slack':
      return { text: [news.message, ...news.details].map(escaped).join('\n') };
    case 'json':
    case undefined:
      return news;
  }
}

/** Slack reads `<!channel>` as a call to everybody, and no text from a server may do that. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * What the trigger "When a Teams webhook request is received" of Workflows takes. Its text is in runs,
 * because Teams reads Markdown, links among it, in a TextBlock.
 */
function teamsCard({ message, details }: Notification): unknown {
  const paragraph = (text: string, weight: 'Bolder' | 'Default') => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, weight }],
  });
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
          body: [
            paragraph(message, 'Bolder'),
            ...details.map((each) => paragraph(each, 'Default')),
          ],
        },
      },
    ],
  };
}
