/** Events as lines without a terminal: one for each change and each verdict. */
import { grouped, rowsOf } from '../common/counts.js';
import type { MoveEvent } from '../rollout/moves/events.js';
import { gateTitle } from '../rollout/evidence/gates/settings.js';
import { formatSplit } from '../common/split.js';
import type { Printer } from './output.js';

const MARKS = { pass: 'pass', fail: 'FAIL', inconclusive: 'inconclusive', error: 'error' } as const;

export function tellEvent(out: Printer, event: MoveEvent): void {
  // How far something is belongs on a screen; a log has the result.
  if (isPassing(event)) return;
  const group = groupOf(event);
  if (group !== undefined) out.group(group);
  for (const line of lines(event)) out.say(line);
  out.event({ ...event });
}

/** Each change begins a group of the log, with the checks and the hold that follow it. */
function groupOf(event: MoveEvent): string | undefined {
  if (event.event === 'sending') return event.title;
  if (event.event === 'tested') return event.result.purpose === 'test' ? 'Test' : 'Prove';
  return event.event === 'aborting' ? 'Abort' : undefined;
}

const PASSING = [
  'progress',
  'count',
  'doing',
  'live',
  'probing',
] as const satisfies readonly MoveEvent['event'][];
export type PassingEvent = (typeof PASSING)[number];

const isPassing = (event: MoveEvent): event is Extract<MoveEvent, { event: PassingEvent }> =>
  (PASSING as readonly string[]).includes(event.event);

function lines(event: Exclude<MoveEvent, { event: PassingEvent }>): string[] {
  switch (event.event) {
    case 'sending':
      return [`...      ${event.title}, usually ${event.usualSeconds} s`];
    case 'confirmed':
      return [`ok       ${event.title}, verified, ${event.seconds} s`];
    case 'failed':
      return [`FAILED   ${event.title}: ${event.message}`];
    case 'log':
      return event.lines.map((line) => `         | ${line}`);
    case 'adopted':
      return [`exists   ${event.message}`];
    case 'waiting':
    case 'note':
      return [`note     ${event.message}`];
    case 'tested': {
      const { purpose, csv, answered, failed, agreed, differing, right } = event.result;
      const correct = Object.entries(right ?? {}).map(
        ([name, count]) => `${name} ${grouped(count)}`,
      );
      return [
        `${purpose === 'test' ? 'test ' : 'prove'}    ${rowsOf(csv.rows)} of ${csv.name}, seed ${csv.seed}: ${grouped(answered)} answered, ${grouped(failed)} failed` +
          (agreed === undefined
            ? ''
            : `; ${grouped(agreed)} alike, ${grouped(differing?.length ?? 0)} differ`) +
          (correct.length === 0 ? '' : `; right: ${correct.join(', ')}`),
      ];
    }
    case 'differing':
      return [
        ...event.rows.map(
          ({ row, blue, green, right }) =>
            `         row ${row}: BLUE ${blue}, GREEN ${green}${right === undefined ? '' : `, right: ${RIGHT[right]}`}`,
        ),
        ...(event.total > event.rows.length
          ? [`         and ${grouped(event.total - event.rows.length)} more rows differ`]
          : []),
      ];
    case 'verdict': {
      const { gate, mode, verdict, blue, green, difference, limit, why } = event.verdict;
      const sides = [
        blue === '' ? '' : `BLUE ${blue}`,
        green === '' ? '' : `GREEN ${green}`,
        difference,
        limit === '' ? '' : `limit ${limit}`,
      ].filter(Boolean);
      const warns = mode === 'warn' ? ' (warning only)' : '';
      const head = `${MARKS[verdict].padEnd(8)} ${gateTitle(gate)}: ${sides.join(', ')}${warns}`;
      return verdict === 'pass' ? [head] : [head, `         ${why}`];
    }
    case 'more':
      return [`more     ${grouped(event.count)} ${event.what} are sent. ${event.message}`];
    case 'loading':
      return [
        `load     ${rowsOf(event.requests, 'request')} to ${event.deployment} alone, ${grouped(event.perMinute)} a minute, at most ${event.seconds} s`,
      ];
    case 'loaded':
      return [`loaded   ${event.message}`];
    case 'mirroring':
      return [
        `mirror   ${event.percent}% of the live requests are copied to ${event.deployment} for ${event.minutes} min`,
      ];
    case 'mirrored':
      return [`watched  ${event.minutes} min of the mirror, ${grouped(event.requests)} copies`];
    case 'probed': {
      const served = Object.entries(event.served).map(
        ([name, count]) => `${name} ${grouped(count)}`,
      );
      const from = event.source === 'metrics' ? ' in the metrics of Azure Monitor' : '';
      return [
        `probes   ${grouped(event.sent)} at ${event.weight}%${from}: ${served.join(', ') || 'none answered'}`,
      ];
    }
    case 'holding': {
      const asks = [
        event.minutes > 0 ? `${event.minutes} min` : '',
        event.requests > 0 ? `${rowsOf(event.requests, 'live request')}` : '',
        event.approval ? 'approval' : '',
      ].filter(Boolean);
      return [`hold     at ${event.weight}% for ${asks.join(', ')}`];
    }
    case 'watched':
      return [
        `watched  ${event.minutes} min at ${event.weight}%, ${rowsOf(event.requests, 'live request')}`,
      ];
    case 'aborting':
      return [`ABORT    ${event.message}`];
    case 'aborted':
      return [`ok       the split at the start is restored: ${formatSplit(event.restored)}`];
  }
}

/** The roles as tables show them. */
const RIGHT = { blue: 'BLUE', green: 'GREEN', both: 'both', neither: 'neither' } as const;
