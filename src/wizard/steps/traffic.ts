/** The split: staged with the arrow keys, sent with Enter, read back, and undone split by split. */
import { formatSplit, shareOf } from '../../common/split.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import { notPassed } from '../../rollout/moves/judged.js';
import type { Loaded } from '../effects/shown.js';
import type { Binding, KeyPress } from '../keys.js';
import { forward, greenShare, look } from '../navigation.js';
import { planOf } from '../plan.js';
import { planOverlay, takePlanFile } from '../plan-keys.js';
import { performMove, performed, recommended, recommendedMove } from '../recommended.js';
import { checksBinding } from './checks.js';
import { goBackIfPlanned, stopWatching, verified, watchAnew, watched, watchOf } from './live.js';
import { approvalBefore, checkInTheWay, inTheWay } from './more-traffic.js';
import { checkSplit } from './split-check.js';
import { askToLoad, loadBinding } from './load.js';
import { mirrorDisabled, mirroredShare, sayMirrored } from './mirror.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';
import {
  type TrafficScreenState,
  stagedChange,
  isOver,
  isComplete,
  stagedShare,
  failedGreen,
  verifiesFirst,
  stageNext,
  stage,
  trafficScreen,
} from './staged-traffic.js';

declare module '../step.js' {
  interface Screens {
    traffic: TrafficScreenState;
  }
}

function apply(state: State): Update {
  const change = stagedChange(state);
  if (!change) {
    if (isOver(state)) return next(look(state, 'report'));
    if (isComplete(state)) {
      const check = checkInTheWay(state, 'Override a failed gate');
      const checks = check ? undefined : recommendedMove(state, 'run-checks');
      if (checks) return performMove(state, checks);
      return next(check ? push(state, check) : forward(state));
    }
    if (verifiesFirst(state)) return checkSplit(state);
    const upcoming = recommended(state);
    const why =
      upcoming?.kind === 'wait' && upcoming.wait.for === 'choice'
        ? upcoming.wait.sentence
        : 'Nothing staged. Press → to raise green, then Enter to apply.';
    return next(say(state, 'warning', why));
  }
  const weight = stagedShare(state);
  const failed = weight > greenShare(state.session?.opened) && failedGreen(state);
  if (failed) return next(say(state, 'warning', failed));
  const first = approvalBefore(state, weight);
  if (first !== undefined) {
    const sentence = `The plan requires approval at ${first}%. Set green to ${first}% first, or change the plan (g).`;
    return next(say(state, 'warning', sentence));
  }
  const overlay = inTheWay(state, weight);
  if (overlay) return next(push(state, overlay));
  return performMove(
    dropFromScreen(state, 'traffic', 'failure'),
    { id: 'set-traffic', weight },
    { title: `Setting traffic ${formatSplit(change.to)}` },
  );
}

/** After a change: who answers is verified, and then live users are watched at the new split. */
function changed(state: State): Update {
  const fresh = stopWatching(state);
  const upcoming = recommended(fresh);
  if (upcoming?.kind === 'move' && upcoming.move.id === 'verify-split') return checkSplit(fresh);
  return watched(wentBack(fresh) ? fresh : stageNext(fresh));
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

/** What the plan wants mirrored lies ready to be sent. */
const mirrorTyped = (state: State): string => {
  const { mirror } = planOf(state);
  const now = mirroredShare(state);
  const ready = now === 0 || recommendedMove(state, 'watch-mirror') !== undefined;
  return mirror && ready ? String(mirror.percent) : '';
};

/** What Enter does while nothing is staged. */
function labelUnstaged(state: State): string {
  if (isOver(state)) return 'report';
  if (isComplete(state)) return 'next';
  return verifiesFirst(state) ? 'verify split' : 'apply';
}

function bindings(state: State): Binding[] {
  const change = stagedChange(state);
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
      label: share ? `apply ${share}` : labelUnstaged(state),
      run: apply,
    },
    { keys: '0123456789'.split(''), label: '0 to 90%', helpOnly: true, run: digit },
    { keys: ['f'], label: '100%', helpOnly: true, run: (now) => next(stage(now, 100)) },
    {
      keys: ['t'],
      label: 'type a weight',
      helpOnly: true,
      run: (now) => next(push(now, { kind: 'number', typed: '', of: 'share' })),
    },
    {
      keys: ['g'],
      label: 'plan',
      run: (now) => next(push(now, planOverlay(now))),
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
        disabledBecause: 'No rows were sent in this session: press Esc to return to prove.',
      }),
      run: (now) => next(push(now, { kind: 'rows', offset: 0 })),
    },
    {
      keys: ['m'],
      label: mirroredShare(state) > 0 ? `mirror ${mirroredShare(state)}%` : 'mirror',
      helpOnly: true,
      ...(mirrorNot !== undefined && { disabledBecause: mirrorNot }),
      run: (now) => next(push(now, { kind: 'number', typed: mirrorTyped(now), of: 'mirror' })),
    },
    loadBinding(state),
    checksBinding(state),
    {
      keys: ['R'],
      label: 'end with a report',
      // Enter does it too where nothing is staged.
      helpOnly: !aborted || !change,
      ...(!aborted && {
        disabledBecause: 'The rollout is under way: abort it (A) or take it to 100% first.',
      }),
      run: (now) => next(look(now, 'report')),
    },
    ...(failure
      ? [
          {
            keys: ['r'],
            label: 'refresh',
            run: (now: State) =>
              work(
                dropFromScreen(now, 'traffic', 'failure'),
                { do: 'observe' },
                { title: 'Reading the endpoint', writes: false },
              ),
          },
        ]
      : []),
  ];
}

export const trafficStep: Step = {
  id: 'traffic',
  title: 'traffic',
  passed: ({ greenWeight, blueWeight }) => greenWeight > 0 && blueWeight === 0,
  enter: (state) => {
    const ready = stageNext(withScreen(state, 'traffic', {}));
    // A failure that nobody went back from comes first.
    const back = goBackIfPlanned(ready);
    if (back.commands.length > 0) return back;
    // A watch that goes on since the split was set here is left alone.
    const watch = ready.runs.watch === undefined ? watchOf(ready) : undefined;
    const taken = takePlanFile(ready);
    return watch ? next(taken.state, ...taken.commands, watch) : taken;
  },
  preview: (state) => {
    const change = stagedChange(state);
    return change ? [change] : [];
  },
  bindings,
  answered: (state, event) => {
    const probed = performed(event, 'verify-split');
    if (probed) {
      const seen = withScreen(state, 'traffic', { probe: probed.shown });
      const failed = [probed.shown.verdict, probed.shown.failing].find(
        (each) => each?.verdict === 'fail',
      );
      const back = goBackIfPlanned(seen);
      if (back.commands.length > 0) return back;
      if (failed) {
        const told = say(seen, 'error', `${failed.why} Press A to restore the split at the start.`);
        return watched(told);
      }
      return verified(wentBack(seen) ? seen : stageNext(seen));
    }
    const mirrored = performed(event, 'watch-mirror');
    if (mirrored) return next(sayMirrored(state, mirrored.shown));
    const checked = performed(event, 'run-checks');
    if (checked) {
      const back = goBackIfPlanned(state);
      return back.commands.length > 0 ? back : next(sayChecked(state, checked.shown));
    }
    const loaded = performed(event, 'check-load');
    if (loaded) return next(sayLoaded(state, loaded.shown));
    switch (event.do) {
      case 'perform': {
        if (event.answer.id === 'set-mirror') {
          const watch = recommendedMove(state, 'watch-mirror');
          return watch ? performMove(state, watch) : next(stageNext(state));
        }
        // Held here after the last step too, so that what was verified can be seen.
        const held: State = { ...state, view: 'traffic' };
        const clean = dropFromScreen(held, 'traffic', 'staged', 'probe', 'failure');
        return event.answer.id === 'abort' ? next(stopWatching(clean)) : changed(clean);
      }
      case 'observe':
      case 'settle':
        return watched(stageNext(state));
      case 'adopt':
        // Probes and live minutes seen before are of another split.
        return changed(dropFromScreen(state, 'traffic', 'probe'));
      case 'planLoad':
        return askToLoad(state, event.answer);
      case 'override':
      case 'endHold':
        // The reason or the approval is kept: what was staged can be sent now.
        return apply(state);
      case 'watch':
        return goBackIfPlanned(stopWatching(state));
      case 'usePlan': {
        // What lay ready may be no step of this plan.
        const anew = wentBack(state) ? state : stageNext(state);
        return next(say(anew, 'good', 'The plan is kept in the journal.'), ...watchAnew(anew));
      }
      default:
        return next(state);
    }
  },
  failed: (state, event) =>
    event.do === 'watch' || (event.do === 'perform' && event.failed.failure.kind === 'sign-in')
      ? next(say(state, 'error', event.failed.failure.message))
      : undefined,
};

function sayLoaded(state: State, loaded: Loaded | undefined): State {
  if (!loaded) return say(state, 'warning', 'Blue had no live request: no load was sent.');
  const good = loaded.decision.do === 'promote';
  const why = good ? [] : loaded.verdicts.filter(({ verdict }) => verdict !== 'pass');
  const said = [`${loaded.text}.`, ...why.map((each) => each.why)].join(' ');
  return say(stageNext(state), good ? 'good' : 'error', said);
}

function sayChecked(state: State, verdicts: readonly Verdict[]): State {
  const open = notPassed(verdicts);
  if (open.length === 0) return say(stageNext(state), 'good', 'Every check of the plan passed.');
  return say(state, 'error', open.map(({ why }) => why).join(' '));
}
