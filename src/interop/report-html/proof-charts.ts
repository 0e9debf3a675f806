/** Charts of the rows that were sent to blue and to green: latency, classes, calibration. */
import * as Plot from '@observablehq/plot';
import { sanitizeLine } from '../../common/sanitize.js';
import { quantile } from '../../rollout/evidence/statistics/ranks.js';
import { BLUE, draw, GREEN, label, roomFor, type Chart } from './draw.js';
import type { Proof } from './figures.js';

export const proofCharts = (proof: Proof): Chart[] => [
  latency(proof),
  latencyByRow(proof),
  ...matrices(proof),
  ...calibration(proof),
];

const sides = ({ blue, green }: Proof) => [
  { name: label(blue), key: blue, colour: BLUE },
  { name: label(green), key: green, colour: GREEN },
];

function timed(proof: Proof) {
  const { ms } = proof.latency;
  return sides(proof).flatMap(({ name, key, colour }) =>
    (ms[key] ?? []).map((value, index) => ({ name, colour, order: index + 1, ms: value })),
  );
}

const facets = (proof: Proof) => ({
  fy: { label: null, domain: sides(proof).map(({ name }) => name), padding: 0.15 },
});

function quantiles(proof: Proof) {
  return sides(proof).map(({ name, key }) => {
    const values = proof.latency.ms[key] ?? [];
    return { name, median: quantile(values, 0.5), p95: quantile(values, 0.95) };
  });
}

const shown = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

function latency(proof: Proof): Chart {
  const title = 'Latency, distribution';
  const found = quantiles(proof);
  const svg = draw(title, {
    height: 260,
    marginRight: roomFor([proof.blue, proof.green]),
    x: { label: 'latency, ms', zero: true },
    y: { label: 'rows', grid: true },
    ...facets(proof),
    marks: [
      Plot.rectY(
        timed(proof),
        Plot.binX<Plot.RectYOptions>(
          { y: 'count' },
          { x: 'ms', fy: 'name', fill: 'colour', thresholds: 40 },
        ),
      ),
      Plot.ruleX(found, { x: 'median', fy: 'name', strokeWidth: 2 }),
      Plot.ruleX(found, { x: 'p95', fy: 'name', strokeDasharray: '4 3' }),
      Plot.ruleY([0]),
    ],
  });
  const each = found.map(
    ({ name, median, p95 }) => `${name}: median ${shown(median)}, p95 ${shown(p95)}`,
  );
  const caption = `${each.join('. ')}. Solid line: median; dashed line: p95.`;
  return { name: 'latency', title, caption, svg };
}

function latencyByRow(proof: Proof): Chart {
  const title = 'Latency over rows';
  const svg = draw(title, {
    height: 260,
    marginRight: roomFor([proof.blue, proof.green]),
    x: { label: 'rows in the order sent' },
    y: { label: 'latency, ms', zero: true, nice: true, grid: true },
    ...facets(proof),
    marks: [
      Plot.dot(timed(proof), {
        x: 'order',
        y: 'ms',
        fy: 'name',
        stroke: 'colour',
        r: 2,
      }),
      Plot.ruleY(quantiles(proof), { y: 'median', fy: 'name' }),
    ],
  });
  const count = proof.latency.rows.length;
  const caption = `${count} rows that both answered; the line is the median.`;
  return { name: 'latency-by-row', title, caption, svg };
}

function matrices({ classes, blue, green }: Proof): Chart[] {
  if (!classes) return [];
  const { names, agreement, target } = classes;
  const of = (deployment: string): Chart[] => {
    const counts = target?.[deployment];
    const name = deployment === blue ? 'confusion-blue' : 'confusion-green';
    return counts
      ? [matrix(name, `Target and ${label(deployment)}`, names, counts, ['target', deployment])]
      : [];
  };
  return [
    matrix('agreement', 'Classes of blue and green', names, agreement, [blue, green]),
    ...of(blue),
    ...of(green),
  ];
}

function matrix(
  name: string,
  title: string,
  names: readonly string[],
  counts: readonly (readonly number[])[],
  [down, across]: [string, string],
): Chart {
  const cells = counts.flatMap((line, row) =>
    line.map((count, column) => ({
      row,
      column,
      count,
      part:
        count /
        Math.max(
          1,
          line.reduce((sum, each) => sum + each, 0),
        ),
      alike: row === column,
    })),
  );
  const axis = (text: string) => ({
    label: label(text),
    domain: names.map((_, index) => index),
    tickFormat: (index: number) => sanitizeLine(names[index] ?? '', 16),
  });
  const size = 60 * names.length;
  const svg = draw(title, {
    width: Math.min(720, size + 190),
    height: Math.min(520, size + 90),
    marginLeft: 130,
    marginBottom: 45,
    x: axis(across),
    y: axis(down),
    marks: [
      Plot.cell(cells, {
        x: 'column',
        y: 'row',
        fill: ({ alike }: { alike: boolean }) => (alike ? GREEN : '#dc2626'),
        fillOpacity: ({ part }: { part: number }) => part * 0.55,
        stroke: 'currentColor',
        strokeOpacity: 0.25,
        inset: 1,
      }),
      Plot.text(cells, { x: 'column', y: 'row', text: ({ count }) => String(count), fontSize: 14 }),
    ],
  });
  const all = cells.reduce((sum, { count }) => sum + count, 0);
  const alike = cells.reduce((sum, each) => sum + (each.alike ? each.count : 0), 0);
  const caption = `Rows by class of ${label(down)} (down) and of ${label(across)} (across): ${alike} of ${all} are alike.`;
  return { name, title, caption, svg };
}

function calibration(proof: Proof): Chart[] {
  const { calibration: bins = {} } = proof;
  const points = sides(proof).flatMap(({ name, key, colour }) =>
    (bins[key] ?? []).map(({ rows, meanScore, right }) => ({
      name,
      colour,
      rows,
      score: meanScore * 100,
      right: (right / rows) * 100,
    })),
  );
  if (points.length === 0) return [];
  const title = 'Calibration';
  const { fy } = facets(proof);
  const svg = draw(title, {
    height: 320,
    x: { label: 'mean score of the answered class, %', domain: [0, 100] },
    y: { label: 'right answers, %', domain: [0, 100], grid: true },
    fx: fy,
    r: { range: [0, 14] },
    marks: [
      Plot.line(
        [
          [0, 0],
          [100, 100],
        ],
        { strokeDasharray: '4 3', strokeOpacity: 0.6 },
      ),
      Plot.lineY(points, { x: 'score', y: 'right', fx: 'name', stroke: 'colour' }),
      Plot.dot(points, { x: 'score', y: 'right', fx: 'name', fill: 'colour', r: 'rows' }),
    ],
  });
  const caption =
    'Where a score means what it says, the dots are on the dashed line. Larger dots have more rows.';
  return [{ name: 'calibration', title, caption, svg }];
}
