/** Every statistic against what SciPy and its kin say; golden.py made the numbers. */
import { describe, expect, it } from 'vitest';
import {
  binomialCdf,
  binomialPmf,
  binomialUpperTail,
  clopperPearson,
  holm,
  mcnemarTwoSided,
  newcombe,
  tango,
  tangoExcess,
  wilson,
} from '../../../src/rollout/evidence/statistics/proportions.js';
import {
  logBayesFactor,
  meanAbove,
  meanOther,
  shareOutside,
  shareSequence,
} from '../../../src/rollout/evidence/statistics/sequential.js';
import {
  cohenKappa,
  jensenShannon,
  populationStability,
} from '../../../src/rollout/evidence/statistics/agreement.js';
import { absoluteErrorFinding } from '../../../src/rollout/evidence/gates/absolute-error.js';
import { commonOf, DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import {
  hodgesLehmann,
  meanShift,
  quantile,
  quantileInterval,
  spearman,
  wilcoxon,
} from '../../../src/rollout/evidence/statistics/ranks.js';
import { quantileDifference } from '../../../src/rollout/evidence/statistics/bootstrap.js';
import golden from './golden.json' with { type: 'json' };

/** Within a share of the expected value; SciPy and jstat differ in the last digits. */
function close(actual: number, expected: number, relative = 1e-8): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(
    relative * Math.max(Math.abs(expected), 1e-4),
  );
}

describe('as SciPy, statsmodels and scikit-learn have it', () => {
  it.each(golden.binomial)('binomial: $k of $n at $p', ({ k, n, p, pmf, cdf, upper }) => {
    close(binomialPmf(k, n, p), pmf);
    close(binomialCdf(k, n, p), cdf);
    close(binomialUpperTail(k, n, p), upper);
  });

  it.each(golden.mcnemar)('McNemar: $b against $c', ({ b, c, twoSided }) => {
    close(mcnemarTwoSided(b, c), twoSided);
  });

  it.each(golden.wilson)('Wilson: $x of $n', ({ x, n, z, lower, upper }) => {
    close(wilson(x, n, z).lower, lower);
    close(wilson(x, n, z).upper, upper);
  });

  it.each(golden.clopperPearson)('Clopper-Pearson: $x of $n', ({ x, n, alpha, lower, upper }) => {
    close(clopperPearson(x, n, alpha).lower, lower, 1e-6);
    close(clopperPearson(x, n, alpha).upper, upper, 1e-6);
  });

  it.each(golden.newcombe)(
    'Newcombe: $xg of $ng against $xb of $nb',
    ({ xg, ng, xb, nb, z, lower, upper }) => {
      const interval = newcombe({ hits: xg, of: ng }, { hits: xb, of: nb }, z);
      close(interval.lower, lower);
      close(interval.upper, upper);
    },
  );

  it.each(golden.tango)('Tango: $b against $c of $n', ({ b, c, n, z, lower, upper }) => {
    // The other side maximises a likelihood numerically, which costs digits.
    close(tango(b, c, n, z).lower, lower, 1e-5);
    close(tango(b, c, n, z).upper, upper, 1e-5);
  });

  it.each(golden.kappa)('kappa', ({ left, right, value }) => {
    close(cohenKappa(left.map((label, index) => [label, right[index] ?? ''])), value);
  });

  it.each(golden.wilcoxon)(
    'Wilcoxon: W+ $statistic, mu $mu',
    ({ values, mu, statistic, greater, less }) => {
      const test = wilcoxon(values, mu);
      expect(test.statistic).toBe(statistic);
      close(test.greater, greater);
      close(test.less, less);
    },
  );

  it.each(golden.hodgesLehmann)('Hodges-Lehmann: $estimate', (each) => {
    const shift = hodgesLehmann(each.values, each.alpha);
    close(shift.estimate, each.estimate);
    close(shift.lower, each.lower);
    close(shift.upper, each.upper);
  });

  it.each(golden.meanShift)("Student's mean: $estimate", (each) => {
    const shift = meanShift(each.values, 0.05, each.mu);
    close(shift.estimate, each.estimate);
    // Student's quantile is not closed, and jstat stops looking earlier than SciPy.
    close(shift.lower, each.lower, 1e-6);
    close(shift.upper, each.upper, 1e-6);
    close(shift.greater, each.greater, 1e-6);
  });

  it.each(golden.absoluteError)('absolute errors: $maeBlue to $maeGreen', (each) => {
    const answer = (prediction: number) => ({ ok: true, prediction, status: 200, latencyMs: 9 });
    const rows = each.truth.map((truth, index) => ({
      row: index + 1,
      truth: String(truth),
      answers: { blue: answer(each.blue[index]!), green: answer(each.green[index]!) },
    }));
    const found = absoluteErrorFinding(
      { rows, blue: 'blue', green: 'green' },
      DEFAULT_GATES.absoluteError,
      commonOf(DEFAULT_GATES),
    )!;
    close(found.p!, each.p, 1e-6);
    const within = each.upper <= 0.1 * each.maeBlue;
    expect(found.outcome).toBe(within ? 'pass' : 'by-p');
    expect(found.blue).toBe(String(Number(each.maeBlue.toPrecision(3))));
    expect(found.green).toBe(String(Number(each.maeGreen.toPrecision(3))));
    expect(found.difference).toMatch(
      new RegExp(`, up to ${((100 * each.upper) / each.maeBlue).toFixed(1)}$`),
    );
  });

  it.each(golden.quantileInterval)('quantile $q: $value', ({ values, q, value, lower, upper }) => {
    close(quantile(values, q), value);
    expect(quantileInterval(values, q)).toEqual({ lower, upper });
  });

  it.each(golden.pairedBootstrap)('paired bootstrap: $estimate', (each) => {
    const drawn = quantileDifference(each.blue, each.green, { q: each.q, seed: 4711 });
    close(drawn.estimate, each.estimate);
    // Other draws, 2,000 here against 20,000 there: the bounds agree but for chance.
    const width = each.upper - each.lower;
    expect(Math.abs(drawn.lower - each.lower)).toBeLessThan(width * 0.1);
    expect(Math.abs(drawn.upper - each.upper)).toBeLessThan(width * 0.1);
  });

  it.each(golden.holm)('Holm: $values', ({ values, adjusted }) => {
    holm(values).forEach((p, index) => close(p, adjusted[index] ?? Number.NaN));
  });

  it.each(golden.logBayesFactor)('Bayes factor: $counts', ({ counts, shares, prior, value }) => {
    close(logBayesFactor(counts, shares, prior), value);
  });

  it.each(golden.shareSequence)('sequence: $hits of $n', ({ hits, n, alpha, lower, upper }) => {
    const bounds = shareSequence({ hits, of: n }, alpha);
    close(bounds.lower, lower, 1e-7);
    close(bounds.upper, upper, 1e-7);
  });

  it.each(golden.shareOutside)('outside: $hits of $n at $share', (each) => {
    const { hits, n, share, tolerance, value } = each;
    close(shareOutside({ hits, of: n }, share, tolerance), value, 1e-7);
  });

  it.each(golden.meanAbove)('betting on $values', ({ values, limit, value }) => {
    close(meanAbove(values, limit), value);
  });

  it.each(golden.meanOther)('t at any time: $values', ({ values, mu, value }) => {
    close(meanOther(values, mu), value, 1e-6);
  });

  it.each(golden.tangoExcess)('Tango: $c against $b of $n', ({ b, c, n, difference, value }) => {
    close(tangoExcess(b, c, n, difference), value, 1e-5);
  });

  it.each(golden.jensenShannon)('Jensen-Shannon: $a, $b', ({ a, b, value }) => {
    close(jensenShannon(a, b), value);
  });

  it.each(golden.populationStability)('stability: $a, $b', ({ a, b, value }) => {
    close(populationStability(a, b), value);
  });

  it.each(golden.spearman)('Spearman', ({ x, y, value }) => {
    close(spearman(x, y), value);
  });
});
