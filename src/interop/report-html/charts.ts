/** The charts of a report. */
import * as Plot from '@observablehq/plot';
import type { Report } from '../../rollout/report.js';
import { BLUE, colourOf, draw, GREEN, label, roomFor, type Chart } from './draw.js';
import { errorRates, proofOf, splitsSeen, weightPoints, type MeasuredAt } from './figures.js';
import { proofCharts } from './proof-charts.js';

/** Those for which the report has numbers. */
export function chartsOf(report: Report): Chart[] {
  const proof = proofOf(report);
  return [
    weights(report),
    ...(proof ? proofCharts(proof) : []),
    errors(report),
    split(report),
  ].filter((chart) => chart !== undefined);
}

function weights(report: Report): Chart | undefined {
  const points = weightPoints(report).map((each) => ({
    ...each,
    name: label(each.deployment),
    colour: colourOf(each.deployment, report.roles),
  }));
  if (points.length === 0) return undefined;
  const names = [...new Set(points.map(({ deployment }) => deployment))];
  const title = 'Traffic weights over time';
  const svg = draw(title, {
    height: 60 + 90 * names.length,
    marginRight: roomFor(names),
    x: { type: 'utc', label: 'time (UTC)' },
    y: { label: 'weight, %', domain: [0, 100], ticks: [0, 50, 100], grid: true },
    fy: { label: null, domain: names.map(label), padding: 0.15 },
    marks: [
      Plot.areaY(points, {
        x: 'at',
        y: 'weight',
        fy: 'name',
        fill: 'colour',
        fillOpacity: 0.3,
        curve: 'step-after',
      }),
      Plot.lineY(points, {
        x: 'at',
        y: 'weight',
        fy: 'name',
        stroke: 'colour',
        strokeWidth: 2,
        curve: 'step-after',
      }),
    ],
  });
  const caption =
    'Percent of live traffic that each deployment was given, from the start of the rollout to its last event.';
  return { name: 'weights', title, caption, svg };
}

function errors(report: Report): Chart | undefined {
  const found = errorRates(report);
  const { blue = 'blue', green = 'green' } = report.roles;
  const points = found.flatMap(({ label: what, measured }) =>
    [
      { name: label(blue), colour: BLUE, what, rate: measured.blue },
      { name: label(green), colour: GREEN, what, rate: measured.green },
    ].filter(({ rate }) => rate !== undefined),
  );
  if (points.length === 0) return undefined;
  const title = 'Errors';
  const svg = draw(title, {
    height: 60 + 72 * found.length,
    marginLeft: roomFor([blue, green]),
    marginTop: 24,
    x: { label: 'of requests, %', grid: true, domain: rateDomain(points) },
    y: { label: null },
    fy: { domain: found.map(({ label: what }) => what), axis: null, padding: 0.35 },
    marks: [
      Plot.barX(points, { x: 'rate', y: 'name', fy: 'what', fill: 'colour' }),
      Plot.text(points, {
        x: 'rate',
        y: 'name',
        fy: 'what',
        text: ({ rate }: { rate: number }) => `${rate.toFixed(1)}%`,
        textAnchor: 'start',
        dx: 4,
      }),
      Plot.text(
        found.map(({ label: what }) => what),
        { fy: (what: string) => what, frameAnchor: 'top-left', dy: -14, fontWeight: 'bold' },
      ),
      Plot.ruleX([0]),
    ],
  });
  const caption =
    'Failed requests and 429 answers of blue and green, as the gates counted them last.';
  return { name: 'errors', title, caption, svg };
}

/** So that a rate of nothing but zeros has an axis. */
const rateDomain = (points: readonly { rate?: number | undefined }[]): [number, number] => [
  0,
  Math.max(1, ...points.map(({ rate = 0 }) => rate)) * 1.1,
];

function split(report: Report): Chart | undefined {
  const points = splitsSeen(report).flatMap(seenSplit);
  if (points.length === 0) return undefined;
  const title = 'Split served and configured';
  const svg = draw(title, {
    height: 70 + 34 * points.length,
    x: { label: "green's percentage of the answers", domain: [0, 100], grid: true },
    y: { label: 'configured', domain: points.map(({ what }) => what) },
    marks: [
      Plot.ruleY(points, { y: 'what', x1: 'low', x2: 'high', stroke: GREEN, strokeWidth: 3 }),
      Plot.dot(points, { y: 'what', x: 'served', fill: GREEN, r: 5 }),
      Plot.tickX(points, { y: 'what', x: 'weight', strokeWidth: 2, strokeDasharray: '3 2' }),
    ],
  });
  const each = points.map(
    ({ what, served, low, high }) =>
      `${what}: ${served.toFixed(1)}% (${low.toFixed(1)} to ${high.toFixed(1)})`,
  );
  const caption = `Dot: served, with its 98% interval. Dashed: configured. ${each.join(', ')}.`;
  return { name: 'split', title, caption, svg };
}

function seenSplit({ weight, measured }: MeasuredAt) {
  const { green, low, high } = measured;
  if (green === undefined || low === undefined || high === undefined) return [];
  const within = (percent: number): number => Math.min(100, Math.max(0, percent));
  return [
    {
      what: `${weight}%`,
      weight,
      served: green,
      low: within(weight + low),
      high: within(weight + high),
    },
  ];
}
