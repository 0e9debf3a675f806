/** What blocks more traffic for green, as an overlay that asks for what is missing. */
import type { Judgement } from '../../rollout/journal/entry.js';
import type { Wait } from '../../rollout/moves/move.js';
import { holdLeft, holdsOn, holdText, type HoldLeft } from '../hold.js';
import { greenShare } from '../navigation.js';
import type { Overlay } from '../overlays.js';
import { proofAt } from '../../rollout/plan/proof.js';
import { gatesAt, planOf } from '../plan.js';
import { recommended } from '../recommended.js';
import { standing } from '../standing.js';
import type { State } from '../state.js';

const KEPT = 'The journal and the report keep the reason.';

/** A person may give green another weight than the plan; what has to come first is the same. */
export function inTheWay(state: State, weight: number): Overlay | undefined {
  if (weight <= greenShare(state.session?.opened)) return undefined;
  const failed = checkInTheWay(state, 'Override a failed gate');
  if (failed) return failed;
  const left = reopened(state) ? holdLeft(state) : undefined;
  if (left && holdsOn(left)) return holdOverlay(state, left, weight);
  const next = recommended(state);
  if (next?.kind === 'wait') return waitOverlay(state, next.wait, weight);
  if (next?.kind !== 'move') return undefined;
  const { move } = next;
  switch (move.id) {
    case 'prove':
      return firstOverlay('prove', 'the proof on the same rows', 'Esc');
    case 'check-load':
      return firstOverlay('load', 'a load check', 'l');
    case 'watch-mirror':
      return firstOverlay('mirror', mirrorWords(state), 'm');
    case 'set-mirror':
      // Turning it off rides on the traffic change.
      return move.percent > 0 ? firstOverlay('mirror', mirrorWords(state), 'm') : undefined;
    case 'run-checks':
      return firstOverlay('checks', "the plan's checks", 'k');
    case 'verify-split': {
      const enforced = gatesAt(state, move.weight).split.mode === 'enforce';
      return enforced ? unverifiedOverlay(state) : undefined;
    }
    case 'hold': {
      const left = holdLeft(state);
      return left && holdOverlay(state, left, weight);
    }
    default:
      return undefined;
  }
}

/** At the weight that an earlier session left, where minutes may be unwatched. */
function reopened({ session }: State): boolean {
  const { opened } = session ?? {};
  return opened !== undefined && opened.session.left === greenShare(opened);
}

/** A weight of the plan between here and there at which a person has to approve. */
export function approvalBefore(state: State, weight: number): number | undefined {
  const plan = planOf(state);
  const live = greenShare(state.session?.opened);
  return plan.weights.find(
    (each) => each > live && each < weight && proofAt(plan, each).hold.approval,
  );
}

/** A gate that did not pass at this weight; going past it requires a reason. */
export function checkInTheWay(state: State, title: string): Overlay | undefined {
  const [first] = standing(state);
  if (!first) return undefined;
  const because = first.why === undefined ? first.verdicts.map(({ why }) => why) : [first.why];
  const lines = [...because, KEPT];
  return { kind: 'reason', title, lines, typed: '', then: { do: 'override', stage: first.stage } };
}

function waitOverlay(state: State, wait: Wait, weight: number): Overlay | undefined {
  switch (wait.for) {
    case 'approval': {
      const left = holdLeft(state);
      return left && holdOverlay(state, left, weight);
    }
    case 'rows': {
      const stage = greenShare(state.session?.opened) > 0 ? 'split' : 'prove';
      return reasonOverlay('No rows to send', [wait.sentence, KEPT], stage);
    }
    case 'reason': {
      const lines = wait.verdicts.map(({ why }) => why);
      return reasonOverlay('Override a failed gate', [...lines, KEPT], wait.stage);
    }
    default:
      return undefined;
  }
}

const reasonOverlay = (
  title: string,
  lines: readonly string[],
  stage: Judgement['stage'],
): Overlay => ({ kind: 'reason', title, lines, typed: '', then: { do: 'override', stage } });

/** What the plan requires before any traffic, and the key of the traffic step that does it. */
export function requiredFirst(state: State): { what: string; key: string } | undefined {
  const next = recommended(state);
  const id = next?.kind === 'move' ? next.move.id : undefined;
  if (id === 'check-load') return { what: 'a load check', key: 'l' };
  if (id === 'run-checks') return { what: "the plan's checks", key: 'k' };
  const mirrors = planOf(state).mirror !== undefined;
  const mirroring = id === 'watch-mirror' || (id === 'set-mirror' && mirrors);
  return mirroring ? { what: mirrorWords(state), key: 'm' } : undefined;
}

function mirrorWords(state: State): string {
  const { mirror } = planOf(state);
  return mirror ? `mirror ${mirror.percent}% for ${mirror.minutes} min` : 'mirrored traffic';
}

const firstOverlay = (
  stage: 'prove' | 'load' | 'mirror' | 'checks',
  what: string,
  key: string,
): Overlay =>
  reasonOverlay(
    'The plan requires more evidence first',
    [`The plan requires ${what} before any live traffic. Press Esc, then ${key}.`, KEPT],
    stage,
  );

/** The check was cancelled, or the probes are used up, or another program set this split. */
const unverifiedOverlay = (state: State): Overlay => {
  const weight = greenShare(state.session?.opened);
  return reasonOverlay(
    'Split not verified yet',
    [`The plan requires the split to be verified at ${weight}%. Press Esc, then p.`, KEPT],
    'split',
  );
};

/** A hold is ended early with a reason; where only approval is missing, by that. */
function holdOverlay(state: State, hold: HoldLeft, wanted: number): Overlay {
  const { change, weight } = hold;
  const verdicts = state.screens.traffic?.live?.verdicts ?? [];
  const end = { do: 'endHold', change, weight, verdicts } as const;
  if (holdsOn(hold)) {
    return {
      kind: 'reason',
      title: `Hold at ${weight}% is not over`,
      lines: [`Still to come: ${holdText(hold)}.`, `Ending it early requires a reason. ${KEPT}`],
      typed: '',
      then: { ...end, why: 'early' },
    };
  }
  return {
    kind: 'confirm',
    title: `Approval required at ${weight}%`,
    lines: [`Next is ${wanted}% for ${state.session?.opened?.roles.green ?? 'green'}.`],
    choices: [
      { value: 'no', label: `Hold at ${weight}%` },
      { value: 'yes', label: `Approve ${wanted}%` },
    ],
    then: { yes: { ...end, why: 'approved' } },
    task: 'Recording the approval',
  };
}
