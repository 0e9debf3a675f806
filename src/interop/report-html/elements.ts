/**
 * Elements of a page without a browser. What an element is given as text stays text, whatever it holds;
 * attributes are the program's own words, never data.
 */
import { DOMParser, parseHTML } from 'linkedom';
import { sanitizeText } from '../../common/sanitize.js';

/** As much of the DOM as a page needs: the types of browsers would be known in the whole program. */
export interface PageNode {
  toString(): string;
  setAttribute(name: string, value: string): void;
  append(...nodes: PageNode[]): void;
  prepend(...nodes: PageNode[]): void;
  cloneNode(deep: true): PageNode;
}

interface PageDocument {
  createElement(tag: string): PageNode;
  createTextNode(text: string): PageNode;
}

const { document } = parseHTML('<!doctype html><html></html>') as unknown as {
  document: PageDocument;
};

/** Charts are XML, so that each can be a file of its own. */
export const SVG = 'http://www.w3.org/2000/svg';
export const svgDocument = new DOMParser().parseFromString(
  `<svg xmlns="${SVG}"/>`,
  'image/svg+xml',
) as unknown as PageDocument;

/** `undefined` is left out. */
export type Content = PageNode | string | undefined | readonly Content[];

export function element(
  tag: string,
  attributes: Record<string, string> = {},
  ...content: readonly Content[]
): PageNode {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...nodesOf(content));
  return made;
}

function nodesOf(content: Content): PageNode[] {
  if (content === undefined) return [];
  if (typeof content === 'string') return [document.createTextNode(sanitizeText(content))];
  return Array.isArray(content)
    ? (content as readonly Content[]).flatMap(nodesOf)
    : [content as PageNode];
}

/** The library writes the text of a title as it is, where browsers read references and end it at its tag. */
export const pageTitle = (text: string): PageNode =>
  element('title', {}, text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));

/** @param head `undefined`: the first cell of each row names it */
export function table(
  head: readonly string[] | undefined,
  rows: readonly (readonly Content[])[],
): PageNode {
  const heading = head && element('thead', {}, element('tr', {}, head.map(columnName)));
  const body = rows.map((cells) =>
    element(
      'tr',
      {},
      cells.map((each, index) =>
        index === 0 && !head ? element('th', { scope: 'row' }, each) : element('td', {}, each),
      ),
    ),
  );
  return element(
    'div',
    { class: 'wide' },
    element('table', {}, heading, element('tbody', {}, body)),
  );
}

const columnName = (name: string): PageNode => element('th', { scope: 'col' }, name);
