/** What points at a deployment from outside, in sentences. */
import type { Attachments } from '../azure/types.js';

/** Before green is created beside blue: none of it follows. @param copies the plan copies autoscale */
export function attachmentLines(
  deployment: string,
  { found, unread }: Attachments,
  { copies = false } = {},
): string[] {
  const left = found.filter(({ kind }) => !copies || kind !== 'autoscale setting');
  return [
    ...left.map(
      ({ kind, name }) => `${deployment} has ${kind} ${name}, which does not follow to green.`,
    ),
    ...unreadLine(deployment, unread),
  ];
}

/** Before blue is scaled or deleted: it still points there. */
export function leftBehindLines(deployment: string, { found, unread }: Attachments): string[] {
  return [
    ...found.map(({ kind, name }) => `${kind} ${name} still points at ${deployment}.`),
    ...unreadLine(deployment, unread),
  ];
}

function unreadLine(deployment: string, unread: Attachments['unread']): string[] {
  if (unread.length === 0) return [];
  return [`Not readable with this sign-in: each ${unread.join(', ')} of ${deployment}.`];
}
