/**
 * Green's weights of this rollout with their times, and what was seen at each.
 *
 *      timeline        weight  set       stayed   seen there
 *      ███░░░░░░░      30%     12:04:31  5 m 2 s  split as served: pass
 */
import { shareOf } from '../../src/common/split.js';
import type { Judged } from '../../src/rollout/moves/judged.js';
import { STAGES } from '../../src/rollout/report-words.js';
import { succeeded } from '../../src/rollout/journal/view.js';
import type { Glyphs } from '../../src/terminal/glyphs.js';
import type { State } from '../../src/wizard/state.js';
import { tableBlock, type Block } from './blocks.js';
import { duration, timeOrDay } from './time.js';

interface Stop {
  weight: number;
  /** Epoch milliseconds. */
  at: number;
  /** Its line in the journal. */
  line: number;
  /** What set it, where that was no step of the plan. */
  why: string;
}

const BAR = 10;

/** From green's creation on; after a deletion of green, of the one that is there now. */
function stopsOf(state: State): Stop[] {
  const { journal, roles } = state.session?.opened ?? {};
  const { green } = roles ?? {};
  return (journal?.changes ?? []).filter(succeeded).reduce<Stop[]>((stops, record) => {
    const { change, ended, line } = record;
    const at = Date.parse(ended?.at ?? '');
    if (change.kind === 'createDeployment' && change.deployment === green) {
      return [{ weight: 0, at, line, why: '' }];
    }
    if (change.kind !== 'setTraffic' || green === undefined) return stops;
    const weight = shareOf(change.to, green);
    const same = stops.at(-1)?.weight === weight || (stops.length === 0 && weight === 0);
    if (same) return stops;
    return [...stops, { weight, at, line, why: change.why === 'advance' ? '' : change.why }];
  }, []);
}

const WORDS: Readonly<Record<Judged['decision'], string>> = {
  promote: 'pass',
  stop: 'fail',
  hold: 'inconclusive',
  'send-more': 'inconclusive',
  'probe-more': 'inconclusive',
};

/** The last judgement of each kind there. */
function seenAt(judgements: readonly Judged[]): string {
  const last = new Map(judgements.map((each) => [each.stage, each]));
  return [...last.values()]
    .map(({ stage, decision, override }) =>
      override === undefined
        ? `${STAGES[stage]}: ${WORDS[decision]}`
        : `${STAGES[stage]}: overridden, ${override}`,
    )
    .join(' · ');
}

/** Nothing where the journal of this machine knows of no traffic to green. */
export function timelineBlock(state: State, glyphs: Glyphs, width: number): Block[] {
  const stops = stopsOf(state);
  const all = state.session?.opened?.journal.judgements ?? [];
  const { green } = state.session?.opened?.roles ?? {};
  if (!stops.some(({ weight }) => weight > 0)) return [];
  const rows = stops.map(({ weight, at, line, why }, index) => {
    const next = stops[index + 1];
    const seen = all.filter(
      (each) =>
        each.deployment === green && each.line >= line && each.line < (next?.line ?? Infinity),
    );
    const full = Math.round((weight * BAR) / 100);
    // No running time: a screen that changes each second is never read.
    const stayed = next ? duration(Math.max(0, next.at - at) / 1000) : 'until now';
    return [
      glyphs.barFull.repeat(full) + glyphs.barEmpty.repeat(BAR - full),
      `${weight}%${why === '' ? '' : ` ${why}`}`,
      timeOrDay(at, state.now),
      stayed,
      seenAt(seen),
    ];
  });
  return tableBlock(['timeline', 'GREEN', 'set', 'stayed', 'seen there'], rows, width, 4);
}
