/**
 * Is the configured split what probes see, or, where answers name nobody, what is metered? A
 * deployment at 0% must answer none. Fail: a share lies further from the configured one than a
 * tolerance, by a test that may be looked at after every probe or, once there are enough, by an
 * exact one. Pass: its interval rules out twice the share (see `allowance`), and says what it rules out.
 */
import { printable } from '../../../sampling/input-error.js';
import {
  binomialCdf,
  binomialUpperTail,
  clopperPearson,
  type Share as Count,
} from '../statistics/proportions.js';
import { rowsToSettle } from '../statistics/sample-size.js';
import { beyond, shareOutside } from '../statistics/sequential.js';
import type { Evidence, SplitSeen } from './evidence.js';
import { rule, type GateFinding, type GateMode, type ReplayGate } from './gate.js';
import { measuredRates, type Measured } from './measured.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { percent } from './text.js';

interface Settings {
  mode: GateMode;
  /** Error probability of a false alarm. */
  alpha: number;
  /** Below so many probes nothing is said. */
  probes: number;
}

/** A share that is served within it is the configured one: routers count whole requests. */
export const TOLERANCE = 0.02;
/** One-sided error probability of what a pass rules out; with 100 probes, 10 of them, that is 19%. */
const RULED_OUT = 0.01;
/** Probes that all failed: users get no answers either. */
export const ALL_FAILED = 10;
/** More in one go would be a burden; what is left is asked for after the next look. */
const MOST_MORE = 200;

/** What a pass has to rule out above a share, and below it: as much again, within limits. */
const allowance = (share: number): number =>
  Math.min(0.2, Math.max(0.05, Math.min(share, 1 - share)));

/** Whether nobody is answered, whichever deployment it is. */
export const allFailed = ({ sent, failed, source }: SplitSeen): boolean =>
  source !== 'metrics' && sent >= ALL_FAILED && failed >= sent;

export const allFailedText = ({ sent, message }: SplitSeen): string =>
  `All ${rowsOf(sent, 'probe')} failed: users get no answers.${
    message === undefined ? '' : ` The last answer: ${message}`
  }`;

interface Share {
  name: string;
  share: number;
  hits: number;
  of: number;
}

function splitFinding(evidence: Evidence, settings: Settings): GateFinding | undefined {
  const seen = evidence.split;
  if (!seen) return undefined;
  const { configured, served, source } = seen;
  const one = source === 'metrics' ? 'request' : 'probe';
  const total = Object.values(configured).reduce((sum, share) => sum + share, 0);
  const answers = Object.values(served).reduce((sum, count) => sum + count, 0);
  const greenShare = (configured[evidence.green] ?? 0) / Math.max(1, total);
  const count = (name: string): Count => ({ hits: served[name] ?? 0, of: answers });
  const shareServed = (name: string) =>
    answers === 0 ? 'n/a' : percent((served[name] ?? 0) / answers);
  const sides = {
    blue: shareServed(evidence.blue),
    green: shareServed(evidence.green),
    difference: `of ${rowsOf(answers, one)}`,
    limit: percent(greenShare),
    ...(answers > 0 && {
      measured: measuredSplit(count(evidence.blue), count(evidence.green), greenShare),
    }),
  };
  const fail = (why: string): GateFinding => ({ ...sides, outcome: 'fail', p: 0, why: () => why });
  if (allFailed(seen)) return fail(allFailedText(seen));
  const wrong = Object.keys(served).find(
    (name) => (served[name] ?? 0) > 0 && (configured[name] ?? 0) === 0,
  );
  if (wrong !== undefined) {
    const pinned = source === 'metrics' ? ' Unless someone pins it by header, it is served.' : '';
    return fail(
      `${printable(wrong)} has 0% and answered ${rowsOf(served[wrong] ?? 0, one)}.${pinned}`,
    );
  }
  // The sum decides, not the count: an answer without the header is no answer to this question.
  if (answers === 0 && (seen.sent > 0 || source === 'metrics')) {
    const why =
      source === 'metrics'
        ? 'Azure Monitor counts no request since the change, so the split is unknown.'
        : seen.failed === seen.sent
          ? `All ${rowsOf(seen.sent, 'probe')} failed, so the split is unknown.`
          : 'The answers do not name who served them; only the metrics of Azure Monitor can.';
    return { ...sides, outcome: 'error', why: () => why };
  }
  const shares = Object.keys(configured)
    .filter((name) => (configured[name] ?? 0) > 0)
    .map((name) => ({
      name: printable(name),
      share: (configured[name] ?? 0) / total,
      hits: served[name] ?? 0,
      of: answers,
    }));
  const expected = shares.map(({ name, share }) => `${name} ${percent(share)}`).join(', ');
  const alpha = settings.alpha / Math.max(1, shares.length - 1);
  if (shares.some((each) => isOutside(each, alpha, settings.probes))) {
    const found = shares.map(({ name, hits, of }) => `${name} ${percent(hits / of)}`).join(', ');
    const what = source === 'metrics' ? 'metered requests' : 'probes';
    return fail(
      `Configured is ${expected}; ${grouped(answers)} / ${grouped(seen.sent)} ${what} saw ${found}.`,
    );
  }
  const more = Math.max(0, settings.probes - answers, ...shares.map((each) => moreFor(each)));
  if (more > 0) {
    const probes = Math.min(MOST_MORE, more);
    const why = `${rowsOf(answers, one)} fit ${expected} so far; ${rowsOf(probes, `more ${one}`)} should settle it.`;
    return { ...sides, outcome: 'inconclusive', needsMoreRows: probes, why: () => why };
  }
  const why = `${rowsOf(answers, one)} fit ${expected}: ${ruledOut(shares, evidence.green)}.`;
  return { ...sides, outcome: 'pass', why: () => why };
}

/** By how much green is served more than configured, and what a pass has to rule out of that. */
function measuredSplit(blue: Count, green: Count, share: number): Measured {
  const { lower, upper } = clopperPearson(green.hits, green.of, RULED_OUT);
  return measuredRates(
    { blue, green },
    {
      difference: green.hits / green.of - share,
      low: lower - share,
      high: upper - share,
      limit: allowance(share),
    },
  );
}

/** Surely not served as configured. */
function isOutside({ share, hits, of }: Share, alpha: number, probes: number): boolean {
  // The one live deployment serves everything or a stranger does.
  if (share >= 1 || of === 0) return false;
  if (beyond(shareOutside({ hits, of }, share, TOLERANCE), alpha)) return true;
  const [most, least] = [share + TOLERANCE, share - TOLERANCE];
  return (
    of >= probes &&
    ((most < 1 && binomialUpperTail(hits, of, most) < alpha / 2) ||
      (least > 0 && binomialCdf(hits, of, least) < alpha / 2))
  );
}

/** Probes until what has to be ruled out most likely is. */
function moreFor({ share, hits, of }: Share): number {
  if (share >= 1) return 0;
  const { lower, upper } = clopperPearson(hits, of, RULED_OUT);
  const [most, least] = [share + allowance(share), share - allowance(share)];
  // At least a share has to be seen at all, where it is not too small for that.
  const low = share >= 0.05 ? lower <= Math.max(0, least) : lower < least;
  if (upper <= most && !low) return 0;
  const estimate = hits / Math.max(1, of);
  const limit = upper > most ? most : Math.max(least, 0.01);
  const total =
    rowsToSettle({ n: of, estimate, variance: share * (1 - share) }, limit, RULED_OUT) ??
    of + MOST_MORE;
  return Math.max(20, total - of);
}

/** `rules out more than 19%`, of green; with one live deployment, of any other. */
function ruledOut(shares: readonly Share[], green: string): string {
  const [first] = shares;
  if (first && shares.length === 1) {
    const { upper } = clopperPearson(0, first.of, RULED_OUT);
    return `rules out more than ${percent(upper)} for any other`;
  }
  const of = shares.find(({ name }) => name === printable(green)) ?? first;
  if (!of) return 'nothing is live';
  const { lower, upper } = clopperPearson(of.hits, of.of, RULED_OUT);
  const less = lower > 0 ? `less than ${percent(lower)} and ` : '';
  return `rules out ${less}more than ${percent(upper)} for ${of.name}`;
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
