/** The load check: asked for, confirmed with its rate, then performed. */
import { rowsOf } from '../../common/counts.js';
import { hasPassed, lastJudged, type Judged } from '../../rollout/moves/judged.js';
import { nextWeight } from '../../rollout/moves/set-traffic.js';
import type { AnswerOf } from '../effects/index.js';
import type { Binding } from '../keys.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import type { State } from '../state.js';
import { next, push, say, work, type Update } from '../update.js';

/** Percent that green gets next. */
const weightNext = (state: State): number =>
  nextWeight(planOf(state), greenShare(state.session?.opened)) ?? 100;

function planLoad(state: State): Update {
  const { blue } = state.session?.opened?.roles ?? {};
  if (blue === undefined) return next(state);
  return work(
    state,
    { do: 'planLoad', blue, weight: weightNext(state), plan: planOf(state) },
    { title: `Reading the busiest minute of ${blue}`, writes: false },
  );
}

export function loadBinding(state: State): Binding {
  const live = greenShare(state.session?.opened) > 0;
  return {
    keys: ['l'],
    label: 'load',
    helpOnly: true,
    ...(live && { disabledBecause: 'Green has live traffic: load is only sent before that.' }),
    run: planLoad,
  };
}

/** Nothing is sent before the rate and the time are known and confirmed. */
export function askToLoad(state: State, { load }: AnswerOf<'planLoad'>): Update {
  const { blue, green } = state.session?.opened?.roles ?? {};
  if (green === undefined || blue === undefined) return next(state);
  if (!load) {
    const text = `${blue} had no live request in the last hour: set a rate for the load check in the plan (g).`;
    return next(say(state, 'warning', text));
  }
  const { perMinute, seconds, requests } = load;
  const weight = weightNext(state);
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Load check',
      lines: [
        `At ${weight}% of blue's busiest minute, green gets ${perMinute} requests a minute.`,
        `Green alone is sent ${rowsOf(requests, 'request')} at that rate, for at most ${seconds} s.`,
      ],
      choices: [
        { value: 'no', label: 'Skip the load check' },
        { value: 'send', label: `Send ${rowsOf(requests, 'request')} to ${green}` },
      ],
      then: {
        send: {
          do: 'perform',
          move: { id: 'check-load', blue, green, weight },
          plan: planOf(state),
        },
      },
      task: `Loading ${green} with ${rowsOf(perMinute, 'request')} a minute`,
    }),
  );
}

/** The last load check of green, where it did not pass; an override takes it out of the way. */
export function loadInTheWay(state: State): Judged | undefined {
  const { journal, roles } = state.session?.opened ?? {};
  const last = journal && lastJudged(journal, roles?.green, 'load');
  return last && !hasPassed(last) ? last : undefined;
}
