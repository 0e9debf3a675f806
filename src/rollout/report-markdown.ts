/** The report as Markdown, fit for a pull request. */
import { gateTitle } from './evidence/gates/settings.js';
import { differencesLine } from './inherit.js';
import { reportFacts, planFacts, STAGES, TEST_HEAD, testCells, tookText } from './report-words.js';
import type { Report } from './report.js';

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();

/** Text from elsewhere can't end a table cell, open a tag or start a line. */
const cell = (text: string): string =>
  oneLine(text).replaceAll(/[\\|`*_<>[\]]/g, (mark) => `\\${mark}`);

/** A sentence of ours: the command in it stays one, and names in it open no tag. */
const sentence = (text: string): string => oneLine(text).replaceAll(/[<>]/g, (mark) => `\\${mark}`);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '--').join('|')}|`, ...rows.map(line), ''];
}

function fence(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  return [`${mark}${language}`, text.trimEnd(), mark, ''];
}

function changes(report: Report): string[] {
  // The operations' long addresses are in the JSON report.
  const rows = report.changes.map(({ at, title, outcome, seconds: took }) => [
    at,
    cell(title),
    cell(outcome),
    tookText(took),
  ]);
  return ['## Changes', '', ...table(['begun', 'change', 'outcome', 'took'], rows)];
}

function differing({ differences, roles: { blue = 'blue', green = 'green' } }: Report): string[] {
  if (!differences) return [];
  const heading = ['## Definition of green', ''];
  const rows = differences.map((each) => [each.member, each.blue, each.green].map(cell));
  return rows.length === 0
    ? [...heading, cell(differencesLine({ blue, green }, [])), '']
    : [...heading, ...table(['beside the model', 'BLUE', 'GREEN'], rows)];
}

function plan(report: Report): string[] {
  const lines = planFacts(report);
  return lines.length === 0
    ? []
    : [
        '## Plan',
        '',
        ...table(
          ['', ''],
          lines.map((line) => line.map(cell)),
        ),
      ];
}

/** Why what did not pass did not. */
function reasons(judged: Report['judgements'][number]['verdicts']): string[] {
  const open = judged.filter(({ verdict }) => verdict !== 'pass');
  if (open.length === 0) return [];
  return [...open.map(({ gate, why }) => `- ${cell(gateTitle(gate))}: ${cell(why)}`), ''];
}

function verdicts(report: Report): string[] {
  if (report.judgements.length === 0) return [];
  const head = ['check', 'mode', 'BLUE', 'GREEN', 'difference', 'limit', 'verdict'];
  const judged = report.judgements.flatMap((each) => [
    `### ${STAGES[each.stage]}, ${cell(each.deployment)} at ${each.weight}%: ${each.decision}`,
    '',
    cell(each.at) + (each.override === undefined ? '' : `, overridden: ${cell(each.override)}`),
    '',
    ...table(
      head,
      each.verdicts.map(({ gate, mode, blue, green, difference, limit, verdict }) =>
        [gateTitle(gate), mode, blue, green, difference, limit, verdict].map(cell),
      ),
    ),
    ...reasons(each.verdicts),
  ]);
  return ['## Verdicts', '', ...judged];
}

function tests(report: Report): string[] {
  if (report.tests.length === 0) return [];
  const rows = report.tests.map((each) => testCells(each).map(cell));
  const details = report.tests.flatMap(({ result }) => {
    const right = Object.entries(result.right ?? {}).map(
      ([name, count]) => `${cell(name)} ${count}`,
    );
    const differing = result.differing ?? [];
    return [
      `- ${cell(result.csv.name)} (${result.purpose}): SHA-256 \`${cell(result.csv.sha256)}\``,
      ...(right.length > 0 ? [`  - right answers: ${right.join(', ')}`] : []),
      ...(differing.length > 0 ? [`  - differing rows: ${differing.join(', ')}`] : []),
    ];
  });
  return ['## Tests', '', ...table(TEST_HEAD, rows), ...details, ''];
}

export function reportMarkdown(report: Report): string {
  const lines = [
    `# Rollout on ${cell(report.endpoint)}`,
    '',
    ...table(
      ['', ''],
      reportFacts(report).map((fact) => fact.map(cell)),
    ),
    ...plan(report),
    ...differing(report),
    ...changes(report),
    ...tests(report),
    ...verdicts(report),
    '## Rolling back',
    '',
    sentence(report.rollback.sentence),
    '',
    ...(report.rollback.commands.length > 0
      ? fence('sh', report.rollback.commands.join('\n'))
      : []),
    ...(report.definitions.length > 0
      ? [
          '## Definitions',
          '',
          'Each deployment, ready to recreate with `az ml online-deployment create --file`. Values of secret variables are not kept.',
          '',
        ]
      : []),
    ...report.definitions.flatMap(({ deployment, yaml }) => [
      `### ${cell(deployment)}`,
      '',
      ...fence('yaml', yaml),
    ]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
