/** The load check of the prove step: asked for, confirmed with its rate, and what came of it. */
import type { JournalView } from '../../rollout/journal/view.js';
import type { Answer } from '../commands.js';
import type { Binding } from '../keys.js';
import { greenShare } from '../navigation.js';
import { gatesAt, nextWeight, planOf } from '../plan.js';
import type { State } from '../state.js';
import { next, push, say, work, type Update } from '../update.js';

type Judgement = JournalView['judgements'][number];

/** Percent that green gets next. */
const shareNext = (state: State): number =>
  nextWeight(planOf(state), greenShare(state.session?.opened)) ?? 100;

function planLoad(state: State): Update {
  const { blue } = state.session?.opened?.roles ?? {};
  if (blue === undefined) return next(state);
  return work(
    state,
    { do: 'planLoad', blue, share: shareNext(state), ...planOf(state).evidence?.loadCheck },
    { title: `Reading the busiest minute of ${blue}`, writes: false },
  );
}

export function loadBinding(state: State): Binding {
  const live = greenShare(state.session?.opened) > 0;
  return {
    keys: ['l'],
    label: 'load',
    helpOnly: true,
    ...(live && { disabledBecause: 'NEW has live traffic: load is only sent before that.' }),
    run: planLoad,
  };
}

/** Nothing is sent before the rate and the time are known and confirmed. */
export function askToLoad(state: State, { peak, load }: Answer<'planLoad'>): Update {
  const { blue = 'LIVE', green } = state.session?.opened?.roles ?? {};
  if (green === undefined) return next(state);
  if (peak === 0) {
    const text = `${blue} had no live request in the last hour, so there is no rate to check NEW at.`;
    return next(say(state, 'warning', text));
  }
  const { perMinute, seconds, requests } = load;
  return next(
    push(state, {
      kind: 'confirm',
      title: 'LOAD CHECK',
      lines: [
        ...peakLines(state, peak),
        `The next share, ${shareNext(state)} % of it, is ${perMinute} a minute.`,
        `NEW alone gets ${requests} requests at that rate, for at most ${seconds} s.`,
      ],
      choices: [
        { value: 'no', label: 'No load' },
        { value: 'send', label: `Send ${requests} requests to ${green}` },
      ],
      then: { send: { do: 'loadCheck', load, green, gates: gatesAt(state, 0) } },
      task: `Loading ${green} with ${perMinute} requests a minute`,
    }),
  );
}

function peakLines(state: State, peak: number): string[] {
  const { rate } = planOf(state).evidence?.loadCheck ?? {};
  return rate === undefined
    ? [
        `The busiest minute of LIVE in the last hour had ${peak} requests, rows of this`,
        'proof included.',
      ]
    : [`The plan says that LIVE has ${peak} requests a minute at its peak.`];
}

/** The last load check of green, where it did not pass; a reason takes it out of the way. */
export function loadInTheWay(state: State): Judgement | undefined {
  const { journal, roles } = state.session?.opened ?? {};
  const last = journal?.judgements.findLast(
    ({ stage, deployment }) => stage === 'load' && deployment === roles?.green,
  );
  return last && last.decision !== 'promote' && last.override === undefined ? last : undefined;
}
