/** What the report says in each of its forms: the facts, as plain text that each form escapes itself. */
import { grouped } from '../common/counts.js';
import { formatSplit } from '../common/split.js';
import { planLines } from './report-plan.js';
import type { Report } from './report.js';

export const STAGES: Record<Report['judgements'][number]['stage'], string> = {
  prove: 'before traffic',
  load: 'under load',
  mirror: 'mirrored requests',
  split: 'split as served',
  watch: 'live minutes',
  checks: 'checks of the plan',
};

/** Name and value of each fact that is known. */
export function reportFacts(report: Report): [string, string][] {
  const { workspace, roles } = report;
  const facts: [string, string | undefined][] = [
    ['outcome', report.outcome],
    [
      'workspace',
      `${workspace.workspaceName} (${workspace.resourceGroup}, ${workspace.subscriptionId})`,
    ],
    ['endpoint', report.endpoint],
    ['rollout', report.rolloutId],
    ['by', report.owner],
    ['begun', report.openedAt],
    ['reported', report.reportedAt],
    ['blue', roles.blue],
    ['green', roles.green],
    ['traffic at the start', report.splitAtStart && formatSplit(report.splitAtStart)],
    ['traffic now', report.splitNow && formatSplit(report.splitNow)],
    ['proof overridden because', report.proofOverride],
    ['blue is kept until', report.keepUntil],
  ];
  return facts.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
}

/** Empty: the rollout has no plan. */
export function planFacts({ plan, planFile, planReason }: Report): [string, string][] {
  if (!plan) return [];
  const lines = planLines(plan);
  if (planFile) lines.push(['file', `${planFile.name}, SHA-256 ${planFile.sha256}`]);
  if (planReason) {
    const { gates, hold, reason } = planReason;
    const what = [...gates, ...(hold === undefined ? [] : [`hold at ${hold}%`])];
    lines.push(['changed because', `${reason} (${what.join(', ')})`]);
  }
  return lines;
}

export const tookText = (seconds: number | undefined): string =>
  seconds === undefined ? '' : seconds < 60 ? `${seconds} s` : `${(seconds / 60).toFixed(1)} min`;

export const TEST_HEAD: readonly string[] = [
  'at',
  'purpose',
  'file',
  'rows',
  'sent to',
  'answers',
  'agreement',
  'median',
];

export const testCells = ({ at, result }: Report['tests'][number]): string[] => [
  at,
  result.purpose,
  result.csv.name,
  `${grouped(result.csv.rows)}, seed ${result.csv.seed}`,
  result.deployments.join(', ') || 'endpoint',
  `${grouped(result.answered)} answered, ${grouped(result.failed)} failed`,
  result.agreed === undefined
    ? ''
    : `${grouped(result.agreed)} alike, ${grouped(result.differing?.length ?? 0)} differ`,
  Object.entries(result.medianLatencyMs)
    .map(([name, value]) => `${name} ${Math.round(value)} ms`)
    .join(', '),
];
