/**
 * Is the configured split what probes see, or, where answers name nobody, what is metered? A deployment at 0 % must answer none. The others: a test
 * that may be looked at after every probe, and, once there are enough, one of goodness of fit.
 */
import { printable } from '../../../sampling/input-error.js';
import { logBayesFactor, splitFit } from '../statistics/sequential.js';
import type { Evidence } from './evidence.js';
import { counted, percent, rowsOf } from './text.js';
import { rule, type Finding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Error probability of a false alarm. */
  alpha: number;
  /** Below so many probes nothing is said. */
  probes: number;
}

export function splitFinding(evidence: Evidence, settings: Settings): Finding | undefined {
  const seen = evidence.split;
  if (!seen) return undefined;
  const { alpha, probes } = settings;
  const { configured, served, source } = seen;
  const one = source === 'metrics' ? 'request' : 'probe';
  const total = Object.values(configured).reduce((sum, share) => sum + share, 0);
  const answers = Object.values(served).reduce((sum, count) => sum + count, 0);
  const shareServed = (name: string) =>
    answers === 0 ? 'n/a' : percent((served[name] ?? 0) / answers);
  const sides = {
    live: shareServed(evidence.blue),
    fresh: shareServed(evidence.green),
    difference: `of ${rowsOf(answers, one)}`,
    limit: percent((configured[evidence.green] ?? 0) / Math.max(1, total)),
  };
  const wrong = Object.keys(served).find(
    (name) => (served[name] ?? 0) > 0 && (configured[name] ?? 0) === 0,
  );
  if (wrong !== undefined) {
    const pinned = source === 'metrics' ? ' Unless someone pins it by header, it is served.' : '';
    const why = `${printable(wrong)} has 0 % and answered ${rowsOf(served[wrong] ?? 0, one)}.${pinned}`;
    return { ...sides, outcome: 'fail', p: 0, why: () => why };
  }
  // The sum decides, not the count: an answer without the header is no answer to this question.
  if (answers === 0 && (seen.sent > 0 || source === 'metrics')) {
    const why =
      source === 'metrics'
        ? 'Azure Monitor tells of no request since the change, so the split is not known.'
        : seen.failed === seen.sent
          ? `All ${rowsOf(seen.sent, 'probe')} failed, so the split is not known.`
          : 'The answers do not name who served them; only the metrics of Azure Monitor can tell.';
    return { ...sides, outcome: 'error', why: () => why };
  }
  const names = Object.keys(configured).filter((name) => (configured[name] ?? 0) > 0);
  const counts = names.map((name) => served[name] ?? 0);
  const shares = names.map((name) => (configured[name] ?? 0) / total);
  const expected = names.map((name) => `${printable(name)} ${configured[name] ?? 0} %`).join(', ');
  const found = names.map((name) => `${printable(name)} ${shareServed(name)}`).join(', ');
  const sequential = names.length < 2 ? 1 : Math.exp(-logBayesFactor(counts, shares));
  const fit = answers >= probes ? splitFit(counts, shares).p : 1;
  if (sequential <= alpha || fit < alpha) {
    const why = `Configured is ${expected}; ${counted(
      counts.reduce((a, b) => a + b, 0),
      seen.sent,
    )} ${source === 'metrics' ? 'metered requests' : 'probes'} saw ${found}.`;
    return { ...sides, outcome: 'fail', p: Math.min(sequential, fit), why: () => why };
  }
  // With a single live deployment no share has to be estimated, only strangers to be seen.
  if (answers < probes) {
    const more = probes - answers;
    const why = `${rowsOf(answers, one)} fit so far; ${more} more can tell a wrong split.`;
    return { ...sides, outcome: 'inconclusive', needsMoreRows: more, why: () => why };
  }
  return { ...sides, outcome: 'pass', why: () => `The ${one}s fit ${expected}.` };
}

export const split: ReplayGate<'split', Settings> = {
  id: 'split',
  title: 'split served',
  defaults: { mode: 'enforce', alpha: 0.001, probes: 100 },
  schema: { alpha: rule.probability, probes: rule.whole(1) },
  needs: 'probes',
  describe: 'Requests are not served as the traffic weights say.',
  judge: splitFinding,
};
