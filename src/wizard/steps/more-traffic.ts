/** What stands in the way of more traffic for green: checks that did not pass, and the plan's hold. */
import { isSplitUnseen, wantedFirst, type WantedFirst } from '../before-traffic.js';
import { holdLeft, holdsOn, holdText, type HoldLeft } from '../hold.js';
import { greenShare } from '../navigation.js';
import type { Overlay } from '../overlays.js';
import { standing } from '../standing.js';
import type { State } from '../state.js';

/** More for green wants the last proof and the last split passed, and the hold over, or a reason. */
export function inTheWay(state: State, share: number): Overlay | undefined {
  const opened = state.session?.opened;
  if (!opened || share <= greenShare(opened)) return undefined;
  const failed = checkInTheWay(state, 'MORE TRAFFIC IN SPITE OF A CHECK');
  if (failed) return failed;
  const first = wantedFirst(state);
  if (first) return wantedOverlay(first);
  if (isSplitUnseen(state)) return unseenOverlay(state);
  const hold = holdLeft(state);
  return hold && holdOverlay(state, hold, share);
}

/** A check that did not pass at this share; going on in spite of it wants a reason. */
export function checkInTheWay(state: State, title: string): Overlay | undefined {
  const [first] = standing(state);
  if (!first) return undefined;
  const lines = [...first.verdicts.map(({ why }) => why), KEPT];
  return { kind: 'reason', title, lines, typed: '', then: { do: 'override', stage: first.stage } };
}

const KEPT = 'The reason goes to the journal and into the report.';

const wantedOverlay = ({ stage, what, key }: WantedFirst): Overlay => ({
  kind: 'reason',
  title: 'THE PLAN WANTS MORE SEEN FIRST',
  lines: [`The plan says: ${what}, before any live traffic. Esc, then ${key}, does it.`, KEPT],
  typed: '',
  then: { do: 'override', stage },
});

/** The check was cancelled, or the probes are used up, or another program set this split. */
const unseenOverlay = (state: State): Overlay => ({
  kind: 'reason',
  title: 'WHO IS SERVED IS NOT SEEN YET',
  lines: [
    `The plan wants the split checked at ${greenShare(state.session?.opened)} %. Esc, then p, does it.`,
    KEPT,
  ],
  typed: '',
  then: { do: 'override', stage: 'split' },
});

/** A hold is passed by with a reason; where only a yes is missing, by that. */
function holdOverlay(state: State, hold: HoldLeft, wanted: number): Overlay {
  const { change, share } = hold;
  const verdicts = state.screens.traffic?.live?.verdicts ?? [];
  const end = { do: 'endHold', change, share, verdicts } as const;
  if (holdsOn(hold)) {
    return {
      kind: 'reason',
      title: `THE PLAN HOLDS AT ${share} %`,
      lines: [
        `Still to come: ${holdText(hold)}.`,
        'Going on before that wants a reason, for the journal and the report.',
      ],
      typed: '',
      then: { ...end, why: 'early' },
    };
  }
  return {
    kind: 'confirm',
    title: `THE PLAN WANTS A YES AT ${share} %`,
    lines: [`Next is ${wanted} % for ${state.session?.opened?.roles.green ?? 'NEW'}.`],
    choices: [
      { value: 'no', label: `Hold at ${share} %` },
      { value: 'yes', label: `Yes, give it ${wanted} %` },
    ],
    then: { yes: { ...end, why: 'approved' } },
    task: 'Keeping the yes',
  };
}
