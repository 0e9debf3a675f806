/** How each chart is drawn: as SVG without a browser, with text in the colour of what is around it. */
import * as Plot from '@observablehq/plot';
import { sanitizeLine } from '../../common/sanitize.js';
import { SVG, svgDocument, type PageNode } from './elements.js';

export interface Chart {
  /** Its file is named for it. */
  name: string;
  title: string;
  /** What it shows, for those who do not see it too. */
  caption: string;
  svg: PageNode;
}

/** Both stand out from white and from black paper. */
export const BLUE = '#3b82f6';
export const GREEN = '#16a34a';
const OTHER = '#9333ea';

/** Names in Azure have 32 characters at most. */
export const label = (name: string): string => sanitizeLine(name, 32);

/** Room for the longest of them. */
export const roomFor = (names: readonly string[]): number =>
  30 + 7 * Math.max(...names.map((name) => label(name).length));

export function draw(title: string, options: Plot.PlotOptions): PageNode {
  const svg = Plot.plot({
    width: 720,
    marginLeft: 60,
    marginBottom: 44,
    style: { fontSize: '12px' },
    document: svgDocument as unknown as NonNullable<Plot.PlotOptions['document']>,
    ...options,
  }) as unknown as PageNode;
  svg.setAttribute('xmlns', SVG);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', sanitizeLine(title));
  return svg;
}

/** By the role of a deployment. Given as a colour, since a name may be that of another colour. */
export const colourOf = (
  name: string,
  { blue, green }: { blue?: string; green?: string },
): string => (name === blue ? BLUE : name === green ? GREEN : OTHER);
