/** The split: staged with the arrow keys, sent with Enter, read back, and undone split by split. */
import type { SetTraffic } from '../../rollout/changes/change.js';
import { formatSplit, movable, shareOf } from '../../rollout/split.js';
import { moveTraffic } from '../../rollout/traffic-change.js';
import { DEFAULT_GATES } from '../../rollout/evidence/gates/settings.js';
import type { Binding, KeyPress } from '../keys.js';
import type { Overlay } from '../overlays.js';
import { forward, greenShare, look } from '../navigation.js';
import { DEFAULT_PLAN, nextWeight, planText } from '../plan.js';
import { unwatched, watchCommand } from './live.js';
import { mirrorDisabled, mirroredShare, mirrorOff } from './mirror.js';
import { isGuarded } from '../policy.js';
import type { TrafficScreen } from '../screens.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';

/** Recorded from the service: a traffic update took about 20 s. */
const USUAL_SECONDS = 20;

export const trafficScreen = (state: State): TrafficScreen =>
  state.screens.traffic ?? { plan: DEFAULT_PLAN };

/** Green's share as staged, or as it is when nothing is staged. */
export function stagedShare(state: State): number {
  const { staged } = trafficScreen(state);
  // A colleague may have moved other shares since it was staged.
  return staged === undefined
    ? greenShare(state.session?.opened)
    : Math.min(mostForGreen(state), staged);
}

/** The most green can have: others' shares are frozen. */
export function mostForGreen(state: State): number {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  if (!opened?.snapshot.endpoint || !blue || !green) return 0;
  return movable(opened.snapshot.endpoint.traffic, blue, green);
}

export function stagedChange(state: State): SetTraffic | undefined {
  const opened = state.session?.opened;
  const { staged } = trafficScreen(state);
  const { blue, green } = opened?.roles ?? {};
  if (staged === undefined || !opened || !blue || !green) return undefined;
  if (stagedShare(state) === greenShare(opened)) return undefined;
  const facts = { now: opened.snapshot, view: opened.journal, roles: { blue, green } };
  return moveTraffic(facts, stagedShare(state));
}

function stage(state: State, share: number): State {
  const clamped = Math.min(mostForGreen(state), Math.max(0, share));
  return withScreen(state, 'traffic', { staged: clamped });
}

/** On the sandbox the plan's next share lies ready; on Azure a person stages it. */
function stageNext(state: State): State {
  const clean = dropFromScreen(state, 'traffic', 'staged', 'failure');
  if (isGuarded(state)) return clean;
  const share = nextWeight(trafficScreen(clean).plan, greenShare(clean.session?.opened));
  return share === undefined ? clean : stage(clean, share);
}

function apply(state: State): Update {
  const change = stagedChange(state);
  if (!change) {
    if (isComplete(state)) return next(forward(state));
    return next(say(state, 'warning', 'Nothing is staged: → gives NEW more, then Enter sends it.'));
  }
  const inTheWay = gateInTheWay(state);
  if (inTheWay) return next(push(state, inTheWay));
  return work(
    dropFromScreen(state, 'traffic', 'failure'),
    { do: 'run', changes: [...mirrorOff(state), change] },
    {
      title: `Setting traffic ${formatSplit(change.to)}`,
      writes: true,
      usualSeconds: USUAL_SECONDS,
      change,
    },
  );
}

/** More for green wants the last proof and the last split passed, or a reason. */
function gateInTheWay(state: State): Overlay | undefined {
  const opened = state.session?.opened;
  if (!opened || stagedShare(state) <= greenShare(opened)) return undefined;
  const { green } = opened.roles;
  for (const stage of ['prove', 'load', 'split', 'watch'] as const) {
    const last = opened.journal.judgements.findLast(
      (each) => each.stage === stage && each.deployment === green,
    );
    const beforeTraffic = stage === 'prove' || stage === 'load';
    const stops = last?.decision === 'stop' || (beforeTraffic && last?.decision !== 'promote');
    // What was seen at another split says nothing of this one.
    if (!last || !stops || last.override !== undefined) continue;
    if (stage !== 'prove' && last.share !== greenShare(opened)) continue;
    const failed = last.verdicts.filter(
      ({ mode, verdict }) => mode === 'enforce' && verdict !== 'pass',
    );
    return {
      kind: 'reason',
      title: 'MORE TRAFFIC IN SPITE OF A CHECK',
      lines: [
        ...failed.map(({ why }) => why),
        'The reason goes to the journal and into the report.',
      ],
      typed: '',
      stage,
    };
  }
  return undefined;
}

/** Who really answers is asked after every change: the split configured may not be the one served. */
const checkSplit = (state: State): Update =>
  work(
    state,
    { do: 'probe', count: DEFAULT_GATES.split.probes },
    { title: `Checking the split with ${DEFAULT_GATES.split.probes} requests`, writes: false },
  );

/** After a change: who answers is checked, and live users are watched at the new split. */
function changed(state: State): Update {
  const fresh = unwatched(state);
  const last = state.session?.opened?.journal.changes.at(-1)?.change;
  if (last?.kind !== 'setTraffic') return next(stageNext(fresh));
  const check = checkSplit(fresh);
  const watch = watchCommand(fresh, false);
  return watch ? next(check.state, ...check.commands, watch) : check;
}

/** Green has all that can be moved to it, and nothing else is staged. */
export function isComplete(state: State): boolean {
  const opened = state.session?.opened;
  return (
    greenShare(opened) > 0 && greenShare(opened) === mostForGreen(state) && !stagedChange(state)
  );
}

/** Going back is not followed by a staged step forward. */
function wentBack(state: State): boolean {
  const last = state.session?.opened?.journal.changes.at(-1)?.change;
  return last?.kind === 'setTraffic' && last.why !== 'advance';
}

const by =
  (step: number) =>
  (state: State): Update =>
    next(stage(state, stagedShare(state) + step));

const digit = (state: State, key: KeyPress): Update => next(stage(state, Number(key.name) * 10));

function bindings(state: State): Binding[] {
  const change = stagedChange(state);
  const complete = isComplete(state);
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const share = change ? `${shareOf(change.to, blue)}/${shareOf(change.to, green)}` : undefined;
  const proved = state.screens.prove?.tested;
  const failure = trafficScreen(state).failure;
  const aborted = state.session?.opened?.journal.aborted !== undefined;
  const mirrorNot = mirrorDisabled(state);
  return [
    {
      keys: ['left', 'right'],
      label: '±1',
      run: (now, key) => by(key.name === 'right' ? 1 : -1)(now),
    },
    {
      keys: ['shift+left', 'shift+right', 'pageup', 'pagedown'],
      label: '±10',
      run: (now, key) => by(key.name === 'shift+right' || key.name === 'pageup' ? 10 : -10)(now),
    },
    {
      keys: ['enter'],
      label: share ? `apply ${share}` : complete ? 'next' : 'apply',
      run: apply,
    },
    { keys: '0123456789'.split(''), label: '0 to 90 %', helpOnly: true, run: digit },
    { keys: ['f'], label: '100 %', helpOnly: true, run: (now) => next(stage(now, 100)) },
    {
      keys: ['t'],
      label: 'type a share',
      helpOnly: true,
      run: (now) => next(push(now, { kind: 'number', typed: '', of: 'share' })),
    },
    {
      keys: ['g'],
      label: 'plan',
      run: (now) => {
        const { plan, onFail = 'hold' } = trafficScreen(now);
        return next(push(now, { kind: 'plan', typed: planText(plan, onFail) }));
      },
    },
    {
      keys: ['p'],
      label: 'probe',
      run: checkSplit,
    },
    {
      keys: ['d'],
      label: 'rows',
      ...(!proved && {
        disabledBecause: 'No rows were sent in this session: go back to prove (Esc).',
      }),
      run: (now) => next(push(now, { kind: 'rows', offset: 0 })),
    },
    {
      keys: ['m'],
      label: mirroredShare(state) > 0 ? `mirror ${mirroredShare(state)} %` : 'mirror',
      helpOnly: true,
      ...(mirrorNot !== undefined && { disabledBecause: mirrorNot }),
      run: (now) => next(push(now, { kind: 'number', typed: '', of: 'mirror' })),
    },
    {
      keys: ['R'],
      label: 'end with a report',
      helpOnly: !aborted,
      ...(!aborted && {
        disabledBecause: 'The rollout is under way: abort it (A) or take it to 100 % first.',
      }),
      run: (now) => next(look(now, 'report')),
    },
    ...(failure
      ? [
          {
            keys: ['r'],
            label: 'look again',
            run: (now: State) =>
              work(
                dropFromScreen(now, 'traffic', 'failure'),
                { do: 'observe' },
                { title: 'Looking at the endpoint', writes: false },
              ),
          },
        ]
      : []),
  ];
}

export const traffic: Step = {
  id: 'traffic',
  title: 'traffic',
  enter: (state) => {
    const ready = stageNext(withScreen(state, 'traffic', { plan: trafficScreen(state).plan }));
    // A watch that goes on since the split was set here is left alone.
    const watch = state.runs.watch === undefined ? watchCommand(ready, true) : undefined;
    return watch ? next(ready, watch) : next(ready);
  },
  preview: (state) => {
    const change = stagedChange(state);
    return change ? [change] : [];
  },
  bindings,
  answered: (state, event) => {
    switch (event.do) {
      case 'run':
      case 'undo': {
        // Held here after the last step too, so that what was read back can be seen.
        const held: State = { ...state, view: 'traffic' };
        return changed(dropFromScreen(held, 'traffic', 'staged', 'probe', 'failure'));
      }
      case 'abort': {
        const held: State = { ...state, view: 'traffic' };
        return next(unwatched(dropFromScreen(held, 'traffic', 'staged', 'probe', 'failure')));
      }
      case 'observe':
        return next(stageNext(state));
      case 'probe': {
        const { probes } = event.answer;
        const seen = withScreen(state, 'traffic', { probe: probes });
        if (probes.verdict?.verdict === 'fail') {
          return next(
            say(seen, 'error', `${probes.verdict.why} A restores the split at the start.`),
          );
        }
        return next(wentBack(seen) ? seen : stageNext(seen));
      }
      case 'override':
        // The reason is kept: what was staged can be sent now.
        return apply(state);
      default:
        return next(state);
    }
  },
};
