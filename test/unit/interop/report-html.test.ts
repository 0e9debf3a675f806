/** report.html: what is on the page, and that nothing in the report becomes markup or loads anything. */
import { DOMParser } from 'linkedom';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/interop/report-html/page.js';
import { STYLE } from '../../../src/interop/report-html/style.js';
import type { Report } from '../../../src/rollout/report.js';
import { measuredReport as report } from '../../support/measured-report.js';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const childrenOf = (node: Node): Node[] => ('childNodes' in node ? node.childNodes : []);
const all = (node: Node): Node[] => [node, ...childrenOf(node).flatMap(all)];
const elements = (node: Node): Element[] => all(node).filter((each) => 'tagName' in each);
/** Elements outside charts. */
const outline = (node: Node): string[] =>
  'tagName' in node && node.tagName === 'svg'
    ? ['svg']
    : ['tagName' in node ? node.tagName : '', ...childrenOf(node).flatMap(outline)].filter(Boolean);
const textOf = (node: Node): string =>
  all(node)
    .map((each) => (each.nodeName === '#text' && 'value' in each ? each.value : ''))
    .join('');
const named = (node: Node, tag: string): Element[] =>
  elements(node).filter(({ tagName }) => tagName === tag);

/** As browsers parse it, which repair what is wrong: here that is an error. */
function parsed(html: string): Node {
  const errors: string[] = [];
  const tree = parse(html, { onParseError: ({ code }) => errors.push(code) });
  expect(errors).toEqual([]);
  return tree;
}

const CHARTS = [
  'weights',
  'latency',
  'latency-by-row',
  'agreement',
  'confusion-blue',
  'confusion-green',
  'calibration',
  'errors',
  'split',
];

describe('report.html', () => {
  const { html, charts } = renderReport(report());
  const page = parsed(html);
  const shown = textOf(named(page, 'main')[0]!);
  const figure = (title: string): Element =>
    named(page, 'figure').find((each) => textOf(each).startsWith(title))!;

  it('says how it ended and who serves before anything else', () => {
    expect(textOf(named(page, 'title')[0]!)).toBe('Rollout on heart');
    expect(shown).toMatch(
      /^Rollout on heartAborted: the split at the start was restored\.Live traffic: default=100/,
    );
  });

  it('has a section for each part of the report, with the differing rows by number', () => {
    expect(named(page, 'h2').map(textOf)).toEqual([
      'Traffic',
      'Latency',
      'Errors',
      'Answers',
      'Gates and checks',
      'Tests',
      'Plan',
      'Definition of green',
      'Changes',
      'Rolling back',
      'Definitions',
    ]);
    expect(shown).toContain('Differing rows of the file, by number: 4, 19, 33.');
    const tables = named(page, 'table').map(textOf);
    expect(tables.some((text) => text.includes('errorsenforce1 / 409 / 40'))).toBe(true);
    expect(tables.some((text) => text.includes('orders'))).toBe(true);
    expect(tables.some((text) => text.includes('1 of 409 of 4020.00 pp33.00 pp1.00 pp'))).toBe(
      true,
    );
  });

  it('has a chart with a caption in figures for all that was measured', () => {
    expect(charts.map(({ name }) => name)).toEqual(CHARTS);
    expect(named(page, 'svg')).toHaveLength(CHARTS.length);
    for (const each of named(page, 'figure')) {
      expect(named(each, 'svg')[0]!.attrs).toContainEqual({ name: 'role', value: 'img' });
      expect(textOf(named(each, 'figcaption')[0]!)).not.toBe('');
    }
    expect(textOf(figure('Latency, distribution'))).toContain(
      'default: median 42 ms, p95 44 ms. x-8: median 47 ms, p95 50 ms.',
    );
    expect(textOf(figure('Split served'))).toContain('30%: 28.0% (17.5 to 39.5)');
    expect(textOf(figure('Classes of blue and green'))).toContain('37 of 40 are alike');
    // What the library adds where it doubts the data.
    expect(html).not.toContain('⚠');
  });

  it('draws blue and green in their colours, also where they are named for colours', () => {
    const renamed = renderReport(
      report((text) => (text === 'default' ? 'green' : text === 'x-8' ? 'blue' : text)),
    );
    const weights = renamed.charts.find(({ name }) => name === 'weights')!.svg;
    expect(weights).toContain('#3b82f6');
    expect(weights).toContain('#16a34a');
    expect(weights).not.toMatch(/(?:fill|stroke)="(?:blue|green)"/);
  });

  it('shows the steps of the weights', () => {
    const { svg } = charts.find(({ name }) => name === 'weights')!;
    const lines = [...svg.matchAll(/<path [^>]*d="([^"]+)"/g)].map(([, path]) => path!);
    // Two deployments, an area and a line each, and the steps there and back.
    expect(lines.filter((path) => path.split(/[LHV]/).length > 5).length).toBeGreaterThanOrEqual(4);
  });

  it('needs no network and runs no script', () => {
    for (const each of elements(page)) {
      expect([
        'script',
        'link',
        'iframe',
        'img',
        'object',
        'embed',
        'base',
        'form',
        'a',
      ]).not.toContain(each.tagName);
      for (const { name, value } of each.attrs) {
        expect(name).not.toMatch(/^on|^(?:src|href|xlink:href|action|srcset)$/);
        if (name !== 'xmlns') expect(value).not.toMatch(/https?:|url\(/);
      }
    }
    for (const style of named(page, 'style'))
      expect(textOf(style)).not.toMatch(/@import|url\(|\/\//);
    const [policy] = named(page, 'meta').filter(({ attrs }) =>
      attrs.some(({ value }) => value === 'Content-Security-Policy'),
    );
    expect(policy!.attrs).toContainEqual({
      name: 'content',
      value: "default-src 'none'; style-src 'unsafe-inline'",
    });
  });

  it('has a look for dark, for light and for paper', () => {
    const style = named(page, 'head').flatMap((each) => named(each, 'style'))[0]!;
    expect(textOf(style)).toBe(STYLE);
    expect(STYLE).toContain('color-scheme: light dark');
    expect(STYLE).toMatch(/@media \(prefers-color-scheme: dark\) \{\s*:root \{/);
    expect(STYLE).toMatch(/@media print \{[\s\S]*break-inside: avoid/);
    for (const { svg } of charts) {
      expect(svg).toContain('prefers-color-scheme: dark');
      expect(svg).toContain('currentColor');
    }
  });

  it('is written too where little is known', () => {
    const { proofOverride: _, plan: __, openedAt: ___, ...rest } = report();
    const bare: Report = {
      ...rest,
      roles: {},
      changes: [],
      tests: [],
      judgements: [],
      definitions: [],
    };
    const rendered = renderReport(bare);
    expect(rendered.charts).toEqual([]);
    expect(named(parsed(rendered.html), 'h2').map(textOf)).toEqual([
      'Definition of green',
      'Rolling back',
    ]);
  });

  it('draws what a journal of an earlier version holds', () => {
    const old = report();
    for (const { result } of old.tests) delete result.figures;
    const names = renderReport(old).charts.map(({ name }) => name);
    expect(names).toEqual(['weights', 'errors', 'split']);
  });
});

describe('text from elsewhere', () => {
  const NASTY = '<script>alert("1")</script>\'><img src=x onerror=alert(1)>&lt;b&gt;]]>--><!--';
  // The endings of styles and comments, and what can't be in XML at all.
  const CONTROLS = '\u0000\u0007\u001b[31m\u202e\ufffe\ud800</style></svg></title>&quot;"';

  it.each([
    ['markup', NASTY],
    ['control characters', CONTROLS],
  ])('stays text: %s', (_, nasty) => {
    const { html, charts } = renderReport(report((text) => `${nasty}${text}`));
    const page = parsed(html);
    const plain = parsed(renderReport(report()).html);
    // Not one element more or less, whatever the texts hold; only ticks of charts move with their room.
    expect(outline(page)).toEqual(outline(plain));
    const drawn = (node: Node) =>
      new Set(
        named(node, 'svg')
          .flatMap(elements)
          .map(({ tagName }) => tagName),
      );
    // A name that is too long for its place has a tooltip.
    expect(new Set([...drawn(page), 'title'])).toEqual(new Set([...drawn(plain), 'title']));
    expect(all(page).some(({ nodeName }) => nodeName === '#comment')).toBe(false);
    for (const { attrs } of elements(page)) {
      for (const { name } of attrs) expect(name).not.toMatch(/^on/);
    }
    expect(html).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e\ufffe\ud800-\udfff]/);
    for (const { svg } of charts) {
      const { documentElement } = new DOMParser().parseFromString(
        svg,
        'image/svg+xml',
      ) as unknown as {
        documentElement: { localName: string };
      };
      expect(documentElement.localName).toBe('svg');
      expect(svg).not.toMatch(/<(?:script|img)|&(?!amp;|lt;|gt;|quot;|#)/);
      expect(svg.match(/<\/svg>/g)).toHaveLength(1);
    }
  });

  it('is shown as it is', () => {
    const page = parsed(renderReport(report((text) => `${NASTY}${text}`)).html);
    expect(textOf(named(page, 'h1')[0]!)).toBe(`Rollout on ${NASTY}heart`);
  });
});
