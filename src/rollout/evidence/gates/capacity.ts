/** Does green turn requests away (429)? A matter of its size, not of its model. */
import { binomialUpperTail } from '../statistics/binomial.js';
import { shareUpper } from '../statistics/clopper-pearson.js';
import { rowsForShare } from '../statistics/rows-needed.js';
import type { Evidence } from './evidence.js';
import type { Gates } from './settings.js';
import { needed, percent, rowsOf } from './text.js';
import type { Finding } from './verdict.js';

export function capacityFinding(evidence: Evidence, gates: Gates): Finding | undefined {
  const { limit } = gates.capacity;
  const busy = (name: string) => {
    const answers = evidence.rows.flatMap(({ answers: each }) => each[name] ?? []);
    return {
      hits: answers.filter(({ problem }) => problem === 'busy').length,
      of: answers.length,
    };
  };
  const [blue, green] = [busy(evidence.blue), busy(evidence.green)];
  if (green.of === 0) return undefined;
  const upper = shareUpper(green.hits, green.of, gates.alpha);
  const total = rowsForShare(green.hits, limit, gates.alpha);
  const more = total === undefined || total <= green.of ? undefined : total - green.of;
  return {
    live: String(blue.hits),
    fresh: String(green.hits),
    difference: green.hits === 0 ? '' : percent(green.hits / green.of),
    limit: percent(limit),
    // None at all is a pass at any number of rows: the size was not even scratched.
    outcome: green.hits === 0 || upper <= limit ? 'pass' : 'by-p',
    p: binomialUpperTail(green.hits, green.of, limit),
    needsMoreRows: more,
    why: (outcome) =>
      outcome === 'pass'
        ? `NEW turned away ${green.hits === 0 ? 'no request' : rowsOf(green.hits, 'request')} of ${green.of}.`
        : outcome === 'fail'
          ? `NEW turned away ${green.hits} of ${green.of} requests: it needs more instances.`
          : `NEW turned away ${green.hits} of ${green.of} requests; it may be too small.${needed(more)}`,
  };
}
