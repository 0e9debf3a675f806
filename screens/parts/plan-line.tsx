/**
 * The plan with "you are here", and how long green still stays.
 *
 *      ✔ 0 ─ ◐ 10 here ─ ◆ 30 staged ─ ○ 50 approval ─ ○ 80 ─ ○ 100 ─ ○ retire
 *      hold at 10%: 3 min more, 12 of 50 requests
 */
import { Text } from 'ink';
import { proofAt } from '../../src/rollout/plan/proof.js';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import { shareOf } from '../../src/common/split.js';
import { succeeded } from '../../src/rollout/journal/view.js';
import { splitChange } from '../../src/rollout/moves/judged.js';
import { nextWeight } from '../../src/rollout/moves/set-traffic.js';
import { holdLeft, holdsOn, holdText } from '../../src/wizard/hold.js';
import { greenShare } from '../../src/wizard/navigation.js';
import { planOf } from '../../src/wizard/plan.js';
import { standing } from '../../src/wizard/standing.js';
import type { State } from '../../src/wizard/state.js';
import { requiredFirst } from '../../src/wizard/steps/more-traffic.js';
import { stagedChange, stagedShare } from '../../src/wizard/steps/staged-traffic.js';
import { useWizard } from './context.js';
import { Line } from './line.js';
import { packed, Sentence, sentenceLines } from './sentence.js';

interface Stop {
  sign: string;
  text: string;
  is: Tone;
}

/** What the journal holds since the last abort: earlier attempts are not on this line. */
function attempt(state: State): { weights: ReadonlySet<number>; overridden: ReadonlySet<number> } {
  const { journal, roles } = state.session?.opened ?? {};
  const splits = (journal?.changes ?? [])
    .filter(succeeded)
    .flatMap(({ change, ended }) =>
      change.kind === 'setTraffic' ? [{ ...change, at: ended?.at ?? '' }] : [],
    );
  const last = splits.findLastIndex(({ why }) => why === 'abort');
  const since = splits[last]?.at ?? '';
  const green = roles?.green ?? '';
  return {
    weights: new Set(splits.slice(last + 1).map(({ to }) => shareOf(to, green))),
    overridden: new Set(
      (journal?.judgements ?? [])
        .filter(({ at, override }) => override !== undefined && at > since)
        .map(({ weight }) => weight),
    ),
  };
}

/** Of a weight that green has not reached: where a person will have to say yes. */
function approvalText(state: State, share: number): string {
  const plan = planOf(state);
  const asks = proofAt(plan, share).hold.approval && nextWeight(plan, share) !== undefined;
  return asks ? ' approval' : '';
}

function stopAt(state: State, share: number, glyphs: Glyphs): Stop {
  const live = greenShare(state.session?.opened);
  if (stagedChange(state) && share === stagedShare(state)) {
    const asks = share > live ? approvalText(state, share) : '';
    return { sign: glyphs.staged, text: `${share} staged${asks && `,${asks}`}`, is: 'staged' };
  }
  const { weights, overridden: all } = attempt(state);
  const overridden = all.has(share);
  if (share === live) {
    const failed = standing(state).some(
      ({ decision, weight: at }) => decision === 'stop' && at === live,
    );
    const held = holdLeft(state) !== undefined && share > 0;
    const sign = failed
      ? glyphs.fail
      : held
        ? glyphs.active
        : overridden
          ? glyphs.warning
          : glyphs.pass;
    return { sign, text: `${share} here`, is: 'heading' };
  }
  if (share > live) {
    return { sign: glyphs.todo, text: `${share}${approvalText(state, share)}`, is: 'muted' };
  }
  if (overridden) return { sign: glyphs.warning, text: String(share), is: 'warning' };
  // A journal of another machine knows no weight: what lies below was passed somewhere.
  const passed = share === 0 || weights.size === 0 || weights.has(share);
  return passed
    ? { sign: glyphs.pass, text: String(share), is: 'pass' }
    : { sign: glyphs.dot, text: String(share), is: 'muted' };
}

function stopsOf(state: State, glyphs: Glyphs): Stop[] {
  const live = greenShare(state.session?.opened);
  const staged = stagedChange(state) ? [stagedShare(state)] : [];
  const shares = [...new Set([0, ...planOf(state).weights, live, ...staged])].sort((a, b) => a - b);
  return [
    ...shares.map((share) => stopAt(state, share, glyphs)),
    { sign: glyphs.todo, text: 'retire', is: 'muted' },
  ];
}

/** In rows; without lines between the stops where they would not fit one row. */
function railOf(state: State, width: number, glyphs: Glyphs): { between: string; rows: Stop[][] } {
  const stops = stopsOf(state, glyphs).map((stop) => ({
    ...stop,
    text: `${stop.sign} ${stop.text}`,
  }));
  const between = ` ${glyphs.line} `;
  const rows = packed(stops, width - 2, between.length);
  return rows.length > 1 ? { between: ' ', rows: packed(stops, width - 2, 1) } : { between, rows };
}

/** Rows that `PlanLine` takes. */
export const planHeight = (state: State, width: number, glyphs: Glyphs): number =>
  railOf(state, width, glyphs).rows.length;

export function PlanLine() {
  const { state, width } = useWizard();
  const glyphs = useGlyphs();
  const { between, rows } = railOf(state, width, glyphs);
  return rows.map((stops, row) => (
    <Line key={row}>
      {' '}
      {stops.map(({ text, is }, index) => (
        <Text key={text}>
          {index > 0 ? <Text {...theme.muted}>{between}</Text> : null}
          <Text {...theme[is]}>{text}</Text>
        </Text>
      ))}
    </Line>
  ));
}

/** What the plan asks of the present share; nothing where it asks nothing. */
function holdLine(state: State, glyphs: Glyphs): { text: string; is: Tone } | undefined {
  const opened = state.session?.opened;
  const share = greenShare(opened);
  const { hold } = proofAt(planOf(state), share);
  const first = requiredFirst(state);
  if (first) {
    return {
      text: `${glyphs.todo} the plan requires ${first.what} first: ${first.key}`,
      is: 'warning',
    };
  }
  const waits = hold.minutes > 0 || hold.requests > 0;
  const left = holdLeft(state);
  if (!opened?.roles.green || !(waits || left)) return undefined;
  const probes = state.screens.traffic?.live?.probes;
  const own = probes ? `; ${probes.sent} own probes` : '';
  if (left) {
    const text = `${glyphs.active} hold at ${share}%: ${holdText(left)}${own}`;
    return { text, is: holdsOn(left) ? 'warning' : 'focus' };
  }
  const ended = opened.journal.choice.holdEnded;
  if (ended?.change === splitChange(opened.journal) && ended.reason !== undefined) {
    return {
      text: `${glyphs.warning} hold at ${share}% ended early: ${ended.reason}`,
      is: 'muted',
    };
  }
  return { text: `${glyphs.pass} the hold at ${share}% is over${own}`, is: 'muted' };
}

/** Rows that `HoldLine` takes. */
export const holdHeight = (state: State, width: number, glyphs: Glyphs): number =>
  sentenceLines(holdLine(state, glyphs)?.text ?? '', width).length;

export function HoldLine() {
  const { state } = useWizard();
  const found = holdLine(state, useGlyphs());
  return found ? <Sentence is={found.is}>{found.text}</Sentence> : null;
}
