/**
 * What Azure Monitor tells of live users:
 *
 *      live users, 2 min ago   28 req/min   p95 90 / 97 ms   0 errors   watched 6 min
 */
import stringWidth from 'string-width';
import type { Tone } from '../../src/terminal/theme.js';
import type { State } from '../../src/wizard/state.js';
import { mirroredShare } from '../../src/wizard/steps/mirror.js';
import { trafficScreen } from '../../src/wizard/steps/staged-traffic.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';
import { packed, sentenceLines } from './sentence.js';
import { roughly, timeOfDay } from './time.js';

const INDENT = 3;
const GAP = 3;

interface Told {
  /** In rows of as many pieces as fit. */
  pieces: readonly string[];
  is?: Tone;
}

function toldOf(state: State): Told[] {
  const { live } = trafficScreen(state);
  const mirrored = mirroredShare(state);
  if (mirrored > 0) {
    return [
      {
        pieces: [
          `mirrored: ${mirrored}% of live requests are copied to green; press m to change it`,
        ],
      },
    ];
  }
  if (!live) return [];
  if (live.trouble !== undefined) {
    return [{ pieces: [`no metrics of live traffic: ${live.trouble}`], is: 'warning' }];
  }
  const watched = `watched ${roughly(live.watchedMs / 1000)}`;
  const { last, gap } = live;
  const p95 = (side: { p95Ms?: number }): string => side.p95Ms?.toFixed(0) ?? '-';
  const judged = live.gapJudged
    ? live.asks === undefined
      ? 'checked, no gate failed'
      : 'checked'
    : 'reading these minutes';
  const at = (iso: string): string => timeOfDay(Date.parse(iso));
  return [
    // What stops the rollout comes first: on a low terminal the last rows are cut.
    ...(live.why === undefined ? [] : [{ pieces: [live.why], is: 'fail' as const }]),
    last
      ? {
          pieces: [
            `live users, ${roughly((live.lagMs ?? 0) / 1000)} ago`,
            `${last.blue.requests + last.green.requests} req/min`,
            `p95 ${p95(last.blue)} / ${p95(last.green)} ms`,
            `${last.blue.errors + last.green.errors} errors`,
            watched,
          ],
        }
      : { pieces: [`live users: no minutes from Azure yet, ${watched}`], is: 'muted' },
    ...(gap
      ? [
          {
            pieces: [`unwatched ${at(gap.from)} to ${at(gap.to)}: ${judged}`],
            is: 'warning' as const,
          },
        ]
      : []),
  ];
}

/** In one row where they fit it closer together. */
function rowsOf(pieces: readonly string[], width: number): string[] {
  const texts = pieces.map((text) => ({ text }));
  const closer = packed(texts, width, GAP - 1);
  const gap = closer.length > 1 || packed(texts, width, GAP).length === 1 ? GAP : GAP - 1;
  return packed(texts, width, gap).map((row) => row.map(({ text }) => text).join(' '.repeat(gap)));
}

function linesOf(state: State, width: number): { text: string; is: Tone | undefined }[] {
  const room = width - INDENT - 1;
  return toldOf(state).flatMap(({ pieces, is }) =>
    rowsOf(pieces, room)
      .flatMap((row) =>
        stringWidth(row) <= room ? [' '.repeat(INDENT) + row] : sentenceLines(row, width, INDENT),
      )
      .map((text) => ({ text, is })),
  );
}

/** Rows that `LiveUsers` takes. */
export const liveRows = (state: State, width: number): number => linesOf(state, width).length;

export function LiveUsers() {
  const { state, width } = useWizard();
  return linesOf(state, width).map(({ text, is }, at) => (
    <Line key={at}>{is ? <As is={is}>{text}</As> : text}</Line>
  ));
}
