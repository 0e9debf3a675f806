/** Does green turn requests away (429)? A matter of its size, not of its model. */
import type { Evidence } from './evidence.js';
import { shareFinding } from './share.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { percent } from './text.js';
import { rule, type Common, type GateFinding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of green's answers that may be 429. */
  limit: number;
}

function capacityFinding(
  evidence: Evidence,
  settings: Settings,
  levels: Common,
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
  const turnedAway = `Green turned away ${grouped(green.hits)} of ${rowsOf(green.of, 'request')}`;
  const finding = shareFinding({ blue, green }, limit, levels, (_upper, outcome) =>
    outcome === 'pass'
      ? `Green turned away ${green.hits === 0 ? 'no request' : rowsOf(green.hits, 'request')} of ${green.of}.`
      : outcome === 'fail'
        ? `${turnedAway}: it needs more instances.`
        : `${turnedAway}; it may be too small.`,
  );
  const difference = percent(green.hits / green.of);
  // None at all is a pass at any number of rows: the size was not even scratched.
  return green.hits === 0
    ? { ...finding, difference: '', outcome: 'pass' }
    : { ...finding, difference };
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
