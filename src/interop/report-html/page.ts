/**
 * The report as one page: no script, no network, dark and light, and readable on paper. All that comes
 * from the report is a text node or part of a chart, so that no name or message becomes markup.
 */
import { formatSplit } from '../../common/split.js';
import { gateTitle } from '../../rollout/evidence/gates/settings.js';
import { differencesLine } from '../../rollout/inherit.js';
import {
  reportFacts,
  planFacts,
  STAGES,
  TEST_HEAD,
  testCells,
  tookText,
} from '../../rollout/report-words.js';
import type { Report } from '../../rollout/report.js';
import { chartsOf } from './charts.js';
import type { Chart } from './draw.js';
import { element, pageTitle, svgDocument, table, type Content, type PageNode } from './elements.js';
import { errorRates, type MeasuredAt } from './figures.js';
import { CHART_STYLE, STYLE } from './style.js';

/** Nothing on the page can load or run anything, whatever it is. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

interface RenderedReport {
  html: string;
  /** Each a picture of its own, for a pull request. */
  charts: { name: string; svg: string }[];
}

export function renderReport(report: Report): RenderedReport {
  const charts = chartsOf(report);
  const title = `Rollout on ${report.endpoint}`;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    pageTitle(title),
    element('style', {}, STYLE),
  );
  const shown = (...names: string[]) =>
    names.flatMap((name) => charts.filter((chart) => chart.name === name).map(figure));
  const plan = planFacts(report);
  const main = element(
    'main',
    {},
    element('h1', {}, title),
    outcome(report),
    table(undefined, reportFacts(report)),
    section('Traffic', shown('weights', 'split')),
    section('Latency', shown('latency', 'latency-by-row')),
    section('Errors', shown('errors'), errorTable(errorRates(report))),
    section('Answers', shown('agreement', 'confusion-blue', 'confusion-green', 'calibration'), [
      ...differingRows(report),
    ]),
    section('Gates and checks', report.judgements.map(judgement)),
    section('Tests', report.tests.length > 0 ? tests(report) : undefined),
    section('Plan', plan.length > 0 ? table(undefined, plan) : undefined),
    section('Definition of green', definitionOfGreen(report)),
    section('Changes', report.changes.length > 0 ? changes(report) : undefined),
    section(
      'Rolling back',
      element('p', {}, report.rollback.sentence),
      code(report.rollback.commands.join('\n')),
    ),
    section(
      'Definitions',
      report.definitions.map(({ deployment, yaml }) => [
        element('h3', {}, deployment),
        code(yaml.trimEnd()),
      ]),
    ),
  );
  const html = element('html', { lang: 'en' }, head, element('body', {}, main));
  return {
    html: `<!doctype html>\n${html.toString()}\n`,
    charts: charts.map(({ name, svg }) => ({ name, svg: standalone(svg) })),
  };
}

function standalone(svg: PageNode): string {
  const style = svgDocument.createElement('style');
  style.append(svgDocument.createTextNode(CHART_STYLE));
  const copy = svg.cloneNode(true);
  copy.prepend(style);
  return `${copy.toString()}\n`;
}

/** Nothing where there is nothing under the heading. */
function section(title: string, ...content: readonly Content[]): PageNode | undefined {
  const filled = content.flat<readonly Content[], 9>(9).some((each) => each !== undefined);
  return filled ? element('section', {}, element('h2', {}, title), content) : undefined;
}

const figure = ({ title, caption, svg }: Chart): PageNode =>
  element('figure', {}, element('h3', {}, title), svg, element('figcaption', {}, caption));

const code = (text: string): PageNode | undefined =>
  text === '' ? undefined : element('pre', {}, element('code', {}, text));

const OUTCOMES: Record<Report['outcome'], [mark: string, sentence: string]> = {
  promoted: ['pass', 'Promoted: green has all the live traffic.'],
  partly: ['open', 'In part: green and blue both have live traffic.'],
  aborted: ['fail', 'Aborted: the split at the start was restored.'],
  'not started': ['open', 'Not started: green has no live traffic.'],
  'endpoint deleted': ['open', 'The endpoint is deleted.'],
};

function outcome({ outcome: ended, splitNow }: Report): PageNode[] {
  const [mark, sentence] = OUTCOMES[ended];
  return [
    element('p', { class: `outcome ${mark}` }, sentence),
    ...(splitNow ? [element('p', {}, `Live traffic: ${formatSplit(splitNow)}`)] : []),
  ];
}

function errorTable(rates: readonly MeasuredAt[]): PageNode | undefined {
  const counted = (of: { hits: number; of: number } | undefined): string =>
    of ? `${of.hits} of ${of.of}` : '';
  const points = (value: number | undefined): string =>
    value === undefined ? '' : `${value.toFixed(2)} pp`;
  return rates.length === 0
    ? undefined
    : table(
        ['measured', 'BLUE', 'GREEN', 'difference', 'at most', 'limit'],
        rates.map(({ label, measured: { counts, difference, high, limit } }) => [
          label,
          counted(counts?.blue),
          counted(counts?.green),
          points(difference),
          points(high),
          points(limit),
        ]),
      );
}

function differingRows({ tests: sent }: Report): PageNode[] {
  const proof = sent.findLast(({ result }) => result.purpose === 'prove')?.result;
  if (proof?.agreed === undefined) return [];
  const { agreed, differing = [], right = {} } = proof;
  const counts = Object.entries(right).map(([name, count]) => `${name} ${count}`);
  return [
    element('p', {}, `${agreed} rows alike, ${differing.length} differ.`),
    ...(counts.length > 0 ? [element('p', {}, `Right answers: ${counts.join(', ')}.`)] : []),
    ...(differing.length > 0
      ? [element('p', {}, `Differing rows of the file, by number: ${differing.join(', ')}.`)]
      : []),
  ];
}

const MARKS: Record<string, string> = { pass: 'pass', promote: 'pass', fail: 'fail', stop: 'fail' };
const marked = (text: string, verdict = text): PageNode =>
  element('span', { class: MARKS[verdict] ?? 'open' }, text);

function judgement(each: Report['judgements'][number]): PageNode[] {
  const { stage, deployment, weight, decision, at, override, why, verdicts } = each;
  const explained = verdicts.some(({ verdict }) => verdict !== 'pass');
  const head = ['check', 'mode', 'BLUE', 'GREEN', 'difference', 'limit', 'verdict'];
  return [
    element('h3', {}, `${STAGES[stage]}, ${deployment} at ${weight}%: `, marked(decision)),
    element('p', { class: 'quiet' }, at),
    ...(why === undefined ? [] : [element('p', {}, why)]),
    ...(override === undefined ? [] : [element('p', {}, `Overridden: ${override}`)]),
    table(
      explained ? [...head, 'why'] : head,
      verdicts.map((verdict) => [
        gateTitle(verdict.gate),
        verdict.mode,
        verdict.blue,
        verdict.green,
        verdict.difference,
        verdict.limit,
        marked(verdict.verdict),
        ...(explained ? [verdict.verdict === 'pass' ? '' : verdict.why] : []),
      ]),
    ),
  ];
}

const tests = (report: Report): PageNode[] => [
  table(TEST_HEAD, report.tests.map(testCells)),
  ...report.tests.map(({ result }) =>
    element('p', { class: 'quiet' }, `${result.csv.name}: SHA-256 ${result.csv.sha256}`),
  ),
];

function definitionOfGreen({
  differences,
  roles: { blue = 'blue', green = 'green' },
}: Report): PageNode | undefined {
  if (!differences) return undefined;
  return differences.length === 0
    ? element('p', {}, differencesLine({ blue, green }, []))
    : table(
        ['beside the model', 'BLUE', 'GREEN'],
        differences.map((each) => [each.member, each.blue, each.green]),
      );
}

const changes = (report: Report): PageNode =>
  table(
    ['begun', 'change', 'outcome', 'took'],
    report.changes.map(({ at, title, outcome: ended, seconds }) => [
      at,
      title,
      ended,
      tookText(seconds),
    ]),
  );
