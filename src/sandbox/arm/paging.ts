/** Pages of a list: `count` or `$top` items, then a `nextLink` with a `$skip` token. */
import { own } from '../model.js';
import { type ArmCall, type ArmReply, ok, queryValue } from './call.js';
import { invalid } from './errors.js';

const DEFAULT_PAGE = 30;

export function page(call: ArmCall, items: unknown[]): ArmReply {
  const skip = wholeNumber(call, '$skip') ?? 0;
  const top = wholeNumber(call, '$top');
  const size = Math.max(1, top ?? wholeNumber(call, 'count') ?? DEFAULT_PAGE);
  const value = items.slice(skip, skip + size);
  // `$top` is the most that the caller wants in all; `count` is the size of a page.
  const more = top === undefined && skip + size < items.length;
  if (!more) return ok({ value });
  const next = new URLSearchParams(call.query);
  for (const key of [...next.keys()]) if (key.toLowerCase() === '$skip') next.delete(key);
  next.set('$skip', String(skip + size));
  return ok({ value, nextLink: `${call.origin}${call.path}?${next.toString()}` });
}

function wholeNumber(call: ArmCall, name: string): number | undefined {
  const text = queryValue(call, name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw invalid(`The query parameter '${name}' is not valid.`);
  return Number(text);
}

/** Filters by `listViewType`: ActiveOnly (default), ArchivedOnly or All. */
export function byListView<T extends { isArchived: boolean }>(call: ArmCall, items: T[]): T[] {
  const view = (queryValue(call, 'listViewType') ?? 'ActiveOnly').toLowerCase();
  if (view === 'all') return items;
  return items.filter((item) => item.isArchived === (view === 'archivedonly'));
}

/** `tags=a=1,b` keeps what has tag `a` of value 1 and a tag `b`; the same form for properties. */
export function byPairs(query: string | undefined, pairs: Record<string, string>): boolean {
  return (query ?? '')
    .split(',')
    .filter((pair) => pair !== '')
    .every((pair) => {
      const [key = '', ...value] = pair.split('=');
      const given = own(pairs, key);
      return given !== undefined && (value.length === 0 || given === value.join('='));
    });
}
