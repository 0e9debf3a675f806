/** How a run ended, in words and as an exit code, and the commands to continue with. */
import { ownCommand } from '../interop/own-command.js';
import { shellOption } from '../interop/shell.js';
import type { JournalView } from '../rollout/journal/view.js';
import { planRollback } from '../rollout/rollback.js';
import type { Snapshot } from '../rollout/snapshot.js';
import type { Outcome, OutcomeKind } from '../rollout/moves/events.js';
import { formatSplit, shareOf } from '../common/split.js';
import type { Plan } from '../rollout/plan.js';
import { decodeTags } from '../rollout/tags.js';
import { canAsk } from './ask.js';
import type { Run } from './command-run.js';
import type { Target } from './connect-profile.js';
import { CODE } from './exit-codes.js';
import type { RunFlags } from './run.js';

const CODES: Record<OutcomeKind, number> = {
  promoted: CODE.done,
  refused: CODE.usage,
  stopped: CODE.stopped,
  'blue-down': CODE.blueDown,
  'not-rolled-back': CODE.notRolledBack,
  held: CODE.held,
  drift: CODE.drift,
  access: CODE.authOrQuota,
  approval: CODE.approval,
  interrupted: CODE.interrupted,
};

interface Ending {
  plan: Plan;
  /** What says the plan again on a command line. */
  words: string;
  /** The plans that follow it. */
  after: readonly string[];
  now: Snapshot | undefined;
  view: JournalView;
  report: string | undefined;
  target: Target;
  flags: RunFlags;
}

export function tellOutcome({ kind, lines }: Outcome, ending: Ending, { out }: Run): number {
  const { now, view, report } = ending;
  const code = CODES[kind];
  const traffic = now?.endpoint?.traffic;
  const commands = commandsFor(kind, ending);
  const pending = view.pending.map(({ title }) => title);
  if (kind === 'promoted') for (const line of lines) out.say(line);
  else if (!out.json) {
    for (const line of [...lines, ...standing(kind, ending)]) out.note(line);
    if (commands.back !== undefined) out.note(`Roll back: ${commands.back}`);
    if (commands.on !== undefined) out.note(`Continue:  ${commands.on}`);
  }
  if (report !== undefined) out.say(`Report    ${report}`);
  out.event({
    event: 'result',
    code,
    outcome: kind,
    message: lines.join(' '),
    ...(traffic && { traffic }),
    ...(pending.length > 0 && { pending }),
    ...(commands.back !== undefined && { rollBackCommand: commands.back }),
    ...(commands.on !== undefined && { continueCommand: commands.on }),
    ...(report !== undefined && { report }),
  });
  return code;
}

/** Where a run leaves the endpoint that has not ended well by itself. */
function standing(kind: OutcomeKind, { plan, now, view: { pending } }: Ending): string[] {
  const traffic = now?.endpoint?.traffic;
  const { name } = plan.green;
  const share = shareOf(traffic ?? {}, name);
  const interrupted = kind === 'interrupted';
  if (!interrupted && pending.length === 0) {
    if (kind === 'stopped' || share === 0) return [];
    return [`${name} has ${share}% of the live traffic and is not watched now.`];
  }
  const how = interrupted ? 'continues without this program' : 'its result is unknown';
  return [
    traffic
      ? `Split: ${formatSplit(traffic)}, as last read.`
      : `Endpoint ${plan.endpoint.name} did not exist when it was last read.`,
    ...pending.map(({ title }) => `Azure: ${title} was sent, and ${how}.`),
    ...(pending.length === 0 ? ['Azure: no change is running.'] : []),
    ...(share > 0 || movesTraffic(pending) ? [`${name} is not watched now.`] : []),
  ];
}

/** Green had traffic, with which the rollout's tags came, and they are gone. */
const endedElsewhere = (now: Snapshot | undefined, { changes }: JournalView): boolean =>
  now?.endpoint !== undefined &&
  decodeTags(now.endpoint.tags).rolloutId === undefined &&
  changes.some(({ change }) => change.kind === 'setTraffic' && change.why === 'advance');

const movesTraffic = (pending: JournalView['pending']): boolean =>
  pending.some(({ change }) => change.kind === 'setTraffic');

/** Commands that run as they are printed, from this folder. */
function commandsFor(
  kind: OutcomeKind,
  { plan, words, after, now, view, target, flags }: Ending,
): { back?: string; on?: string } {
  if (kind === 'promoted') return {};
  const share = shareOf(now?.endpoint?.traffic ?? {}, plan.green.name);
  const movable = now !== undefined && planRollback(now, view).kind === 'ready';
  const moving = movesTraffic(view.pending);
  const yes = canAsk() ? [] : ['--yes'];
  const reach = [target.words, ...stateWords(flags)];
  const back =
    movable || moving
      ? ownCommand('rollback', plan.endpoint.name, target.words, ...yes)
      : undefined;
  const extra: Partial<Record<OutcomeKind, string[]>> = {
    approval: [`--approve ${share}`],
    drift: ['--adopt'],
    held: [],
    interrupted: [],
  };
  // Somebody ended this rollout: to raise green again is not offered as the way to go on.
  const more = kind === 'drift' && endedElsewhere(now, view) ? undefined : extra[kind];
  const how = share > 0 ? 'resume' : 'run';
  const line = (how: string, plans: readonly string[], options: readonly string[] = []): string =>
    ownCommand(how, ...plans, ...options, ...reach, ...(how === 'run' ? yes : []));
  // An option such as --approve is about one plan, and resume takes one.
  const alone = how === 'resume' || more?.length !== 0;
  const then = alone && after.length > 0 ? [line('run', after)] : [];
  const on = more && [line(how, alone ? [words] : [words, ...after], more), ...then].join(' && ');
  return { ...(back !== undefined && { back }), ...(on !== undefined && { on }) };
}

/** Journals are read from where this run keeps them. */
export const stateWords = ({ stateDir }: RunFlags): string[] =>
  stateDir === undefined ? [] : [shellOption('--state-dir', stateDir)];
