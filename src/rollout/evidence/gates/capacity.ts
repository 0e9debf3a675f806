/** Does green turn requests away (429)? A matter of its size, not of its model. */
import { binomialUpperTail, shareUpper } from '../statistics/proportions.js';
import { rowsToSettleShare } from '../statistics/sample-size.js';
import type { Evidence } from './evidence.js';
import { measuredRates } from './measured.js';
import { needed, percent, rowsOf } from './text.js';
import { rule, type Common, type GateFinding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of green's answers that may be 429. */
  limit: number;
}

export function capacityFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha }: Common,
): GateFinding | undefined {
  const { limit } = settings;
  const busy = (name: string) => {
    const answers = evidence.rows.flatMap(({ answers: each }) => each[name] ?? []);
    return {
      hits: answers.filter(({ problem }) => problem === 'busy').length,
      of: answers.length,
    };
  };
  const [blue, green] = [busy(evidence.blue), busy(evidence.green)];
  if (green.of === 0) return undefined;
  const rate = green.hits / green.of;
  const upper = shareUpper(green.hits, green.of, alpha);
  const total = rowsToSettleShare(green.hits, green.of, limit, alpha);
  const more = total === undefined || total <= green.of ? undefined : total - green.of;
  return {
    blue: String(blue.hits),
    green: String(green.hits),
    difference: green.hits === 0 ? '' : percent(rate),
    limit: percent(limit),
    measured: measuredRates({ blue, green }, { difference: rate, high: upper, limit }),
    // None at all is a pass at any number of rows: the size was not even scratched.
    outcome: green.hits === 0 || upper <= limit ? 'pass' : 'by-p',
    p: binomialUpperTail(green.hits, green.of, limit),
    needsMoreRows: more,
    why: (outcome) =>
      outcome === 'pass'
        ? `Green turned away ${green.hits === 0 ? 'no request' : rowsOf(green.hits, 'request')} of ${green.of}.`
        : outcome === 'fail'
          ? `Green turned away ${green.hits} of ${green.of} requests: it needs more instances.`
          : `Green turned away ${green.hits} of ${green.of} requests; it may be too small.${needed(more)}`,
  };
}

export const capacity: ReplayGate<'capacity', Settings> = {
  id: 'capacity',
  title: '429 too busy',
  defaults: { mode: 'enforce', limit: 0.01 },
  schema: { limit: rule.share },
  needs: 'rows',
  byRepeating: true,
  describe: 'Green turns away (429) more requests than the limit.',
  judge: capacityFinding,
};
