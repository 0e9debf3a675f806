/** Numbers that are known without a library: tables of power and of rows needed, and properties. */
import fc from 'fast-check';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import {
  clopperPearson,
  holm,
  mcnemarTwoSided,
  newcombe,
  tango,
  wilson,
} from '../../../src/rollout/evidence/statistics/proportions.js';
import {
  beyond,
  meanAbove,
  meanOther,
  meanSequence,
  shareOutside,
  shareSequence,
} from '../../../src/rollout/evidence/statistics/sequential.js';
import {
  cohenKappa,
  histogram,
  jensenShannon,
  populationStability,
} from '../../../src/rollout/evidence/statistics/agreement.js';
import {
  batchedShift,
  hodgesLehmann,
  quantile,
  quantileInterval,
  spearman,
  wilcoxon,
} from '../../../src/rollout/evidence/statistics/ranks.js';
import { quantileDifference } from '../../../src/rollout/evidence/statistics/bootstrap.js';
import {
  rowsForDifference,
  rowsForShare,
  rowsForShift,
  rowsToSettleDifference,
  rowsToSettleShare,
  smallest,
} from '../../../src/rollout/evidence/statistics/sample-size.js';

/** Numbers that are the same in every run. */
function random(seed: number) {
  const generator = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(generator);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const Z95 = 1.6448536269514722;
const Z975 = 1.959963984540054;

const counts = fc
  .record({ n: fc.integer({ min: 1, max: 400 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ n, part }) => ({ n, x: Math.round(n * part) }));
const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 1,
  maxLength: 80,
});

describe('shares', () => {
  it.each([
    [0.05, 6],
    [0.01, 8],
    [0.001, 11],
  ])('two-sided McNemar below %d needs %i pairs in one direction', (alpha, least) => {
    expect(mcnemarTwoSided(least, 0)).toBeLessThan(alpha);
    expect(mcnemarTwoSided(least - 1, 0)).toBeGreaterThanOrEqual(alpha);
  });

  it('says nothing without discordant pairs', () => {
    expect(mcnemarTwoSided(0, 0)).toBe(1);
  });

  it('has Newcombe as in the paper: 56/70 against 48/80', () => {
    const { lower, upper } = newcombe({ hits: 56, of: 70 }, { hits: 48, of: 80 }, Z975);
    expect(lower).toBeCloseTo(0.0524, 4);
    expect(upper).toBeCloseTo(0.3339, 4);
  });

  it('has Wilson, Newcombe and Tango agree where nothing was seen', () => {
    const { upper } = wilson(0, 200, Z95);
    expect(newcombe({ hits: 0, of: 200 }, { hits: 0, of: 200 }, Z95).upper).toBeCloseTo(upper, 12);
    expect(tango(0, 0, 200, Z95).upper).toBeCloseTo(upper, 10);
    expect(tango(0, 0, 200, Z95).lower).toBeCloseTo(-upper, 10);
  });

  it('has intervals that hold the share and lie within 0 and 1', () => {
    fc.assert(
      fc.property(counts, ({ n, x }) => {
        for (const { lower, upper } of [wilson(x, n, Z95), clopperPearson(x, n)]) {
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(lower).toBeLessThanOrEqual(x / n + 1e-12);
          expect(upper).toBeGreaterThanOrEqual(x / n - 1e-12);
          expect(upper).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('turns round with the sides', () => {
    fc.assert(
      fc.property(counts, counts, (green, blue) => {
        const there = newcombe({ hits: green.x, of: green.n }, { hits: blue.x, of: blue.n }, Z95);
        const back = newcombe({ hits: blue.x, of: blue.n }, { hits: green.x, of: green.n }, Z95);
        expect(there.lower).toBeCloseTo(-back.upper, 12);
        const n = green.x + blue.x + 50;
        expect(tango(green.x, blue.x, n, Z95).lower).toBeCloseTo(
          -tango(blue.x, green.x, n, Z95).upper,
          8,
        );
      }),
    );
  });

  it('gives n/a for no rows at all', () => {
    expect(wilson(0, 0, Z95)).toEqual({ lower: 0, upper: 1 });
    expect(clopperPearson(0, 0)).toEqual({ lower: 0, upper: 1 });
    expect(newcombe({ hits: 0, of: 0 }, { hits: 0, of: 9 }, Z95)).toEqual({ lower: -1, upper: 1 });
    expect(tango(0, 0, 0, Z95)).toEqual({ lower: -1, upper: 1 });
  });

  it('knows agreement beyond chance', () => {
    expect(cohenKappa([['a', 'a'], ['b', 'b']])).toBe(1); // prettier-ignore
    expect(cohenKappa([['a', 'a'], ['a', 'a']])).toBe(1); // prettier-ignore
    expect(cohenKappa([['a', 'b'], ['b', 'a']])).toBe(-1); // prettier-ignore
    expect(cohenKappa([])).toBeNaN();
  });
});

describe('rows needed', () => {
  it.each([
    [0.01, 299, 473, 773],
    [0.02, 149, 236, 386],
    [0.05, 59, 93, 153],
    [0.1, 29, 46, 76],
  ])('to keep flips under %d: %i, %i, %i with 0, 1, 3 flips', (limit, none, one, three) => {
    expect([0, 1, 3].map((flips) => rowsForShare(flips, limit))).toEqual([none, one, three]);
  });

  it('shows that five agreeing rows still allow 45% disagreement', () => {
    expect(clopperPearson(0, 5).upper).toBeCloseTo(0.451, 3);
  });

  it('to rule out 1 pp more errors when none was seen', () => {
    expect(rowsForDifference(0, 0, 0.01)).toBe(268);
    expect(rowsForDifference(0, 0, 0.01, 0.025)).toBe(381);
  });

  it('finds the first that is enough, and gives up beyond reason', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50_000 }),
        fc.integer({ min: 1, max: 900 }),
        (edge, from) => {
          expect(smallest(from, (n) => n >= edge)).toBe(Math.max(edge, from));
        },
      ),
    );
    expect(smallest(1, () => false)).toBeUndefined();
    expect(rowsForShare(0, 0)).toBeUndefined();
    expect(rowsForDifference(0, 0, 0)).toBeUndefined();
    expect(rowsToSettleShare(0, 0, 0.01)).toBeUndefined();
    expect(rowsForShift(100, 0, 1)).toBeUndefined();
    expect(rowsForShift(100, 1e-9, 1)).toBeUndefined();
  });

  it('is enough: that many pass, one less does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), (lost, won) => {
        const n = rowsForDifference(lost, won, 0.02) ?? 0;
        expect(tango(lost, won, n, Z95).lower).toBeGreaterThan(-0.02);
        if (n > lost + won) {
          expect(tango(lost, won, n - 1, Z95).lower).toBeLessThanOrEqual(-0.02);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [50, 1_500],
    [100, 1_500],
    [300, 3_000],
  ])(
    'after %i settle the question in 80 of 100 cases when exactly those are sent',
    (seen, runs) => {
      const { uniform } = random(17);
      let [settled, asked] = [0, 0];
      for (let run = 0; run < runs; run += 1) {
        // Rates as they come, so that what was seen so far is no better guide than in life.
        const [up, down] = [0.03 * uniform(), 0.03 * uniform()];
        const draw = (n: number) => {
          let [more, less] = [0, 0];
          for (let row = 0; row < n; row += 1) {
            const u = uniform();
            if (u < up) more += 1;
            else if (u < up + down) less += 1;
          }
          return { more, less };
        };
        const said = (more: number, less: number, n: number) => {
          const { lower, upper } = tango(less, more, n, Z95);
          return upper < 0.01 ? 'pass' : lower > 0.01 ? 'fail' : 'inconclusive';
        };
        const first = draw(seen);
        if (said(first.more, first.less, seen) !== 'inconclusive') continue;
        const total = rowsToSettleDifference(first.more, first.less, seen, 0.01);
        if (total === undefined || total > 20_000) continue;
        const rest = draw(total - seen);
        asked += 1;
        if (said(first.more + rest.more, first.less + rest.less, total) !== 'inconclusive') {
          settled += 1;
        }
      }
      expect(asked).toBeGreaterThan(150);
      expect(settled / asked).toBeGreaterThan(0.8);
    },
  );

  it.each([
    [0.5, 6],
    [0.9, 36],
    [0.95, 72],
    [0.99, 368],
  ])('for a finite bound of quantile %d: %i', (q, least) => {
    const upTo = (n: number) => Array.from({ length: n }, (_, index) => index);
    expect(quantileInterval(upTo(least), q).upper).toBe(least - 1);
    expect(quantileInterval(upTo(least - 1), q).upper).toBe(Infinity);
  });
});

describe('paired differences', () => {
  it('has the two tails of the signed-rank test share the value seen', () => {
    fc.assert(
      fc.property(values, (each) => {
        const { greater, less } = wilcoxon(each);
        expect(greater + less).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(wilcoxon(each.map((value) => -value)).greater).toBeCloseTo(less, 9);
      }),
    );
  });

  it('finds the shift that was added', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (each, by) => {
        const before = hodgesLehmann(each, 0.05);
        const after = hodgesLehmann(
          each.map((value) => value + by),
          0.05,
        );
        expect(after.estimate).toBeCloseTo(before.estimate + by, 6);
        expect(before.lower).toBeLessThanOrEqual(before.estimate + 1e-9);
        expect(before.upper).toBeGreaterThanOrEqual(before.estimate - 1e-9);
      }),
    );
  });

  it('has the same Walsh averages as making all of them', () => {
    fc.assert(
      fc.property(values, (each) => {
        const all = each
          .flatMap((a, i) => each.slice(i).map((b) => (a + b) / 2))
          .sort((a, b) => a - b);
        const middle = all.length >> 1;
        const median =
          all.length % 2 === 1
            ? (all[middle] ?? 0)
            : ((all[middle - 1] ?? 0) + (all[middle] ?? 0)) / 2;
        expect(hodgesLehmann(each, 0.05).estimate).toBeCloseTo(median, 9);
      }),
    );
  });

  it('has no bound from four values, and none from none', () => {
    expect(hodgesLehmann([1, 2, 3, 4], 0.05).upper).toBe(Infinity);
    expect(hodgesLehmann([1, 2, 3, 4, 5], 0.05)).toEqual({ estimate: 3, lower: 1, upper: 5 });
    expect(hodgesLehmann([], 0.05).estimate).toBeNaN();
    expect(wilcoxon([]).greater).toBe(1);
    expect(wilcoxon([0, 0, 0]).greater).toBe(1);
    expect(wilcoxon([1, Number.NaN, 2, Number.NaN])).toEqual(wilcoxon([1, 2]));
  });

  it('draws the same bootstrap from the same seed', () => {
    const blue = Array.from({ length: 60 }, (_, index) => 30 + ((index * 37) % 50));
    const green = blue.map((ms) => ms + 7);
    const draw = (seed: number) => quantileDifference(blue, green, { q: 0.95, seed, draws: 200 });
    expect(draw(3)).toEqual(draw(3));
    // Rows keep their two values together, so a constant difference has no spread.
    expect(draw(4).lower).toBeCloseTo(7, 9);
    expect(draw(4).upper).toBeCloseTo(7, 9);
    expect(quantileDifference([], [], { q: 0.95, seed: 1 }).upper).toBe(Infinity);
  });

  it('has the bootstrap of sorting every draw, in a fraction of its time', () => {
    const bySorting = (
      blue: readonly number[],
      green: readonly number[],
      { q, seed, draws, block }: { q: number; seed: number; draws: number; block: number },
    ) => {
      const n = blue.length;
      const generator = xoroshiro128plus(seed);
      const differences = Array.from({ length: draws }, () => {
        const rows: number[] = [];
        while (rows.length < n) {
          const from = uniformInt(generator, 0, n - 1);
          for (let at = 0; at < block && rows.length < n; at += 1) rows.push((from + at) % n);
        }
        const of = (side: readonly number[]) =>
          quantile(
            rows.map((row) => side[row] ?? NaN),
            q,
          );
        return of(green) - of(blue);
      });
      return { lower: quantile(differences, 0.025), upper: quantile(differences, 0.975) };
    };
    const { uniform, normal } = random(19);
    for (const [n, q, block] of [
      [1, 0.95, 1],
      [7, 0.5, 3],
      [40, 0.95, 1],
      [90, 0.95, 7],
      [200, 0, 10],
      [200, 1, 200],
      [333, 0.95, 17],
    ] as const) {
      // prettier-ignore
      // Slow for a while: many draws have few of the slow rows, or most of them.
      const slow = (row: number) => (row < n / 8 ? 3 : 1);
      const blue = Array.from({ length: n }, (_, row) => Math.round(40 * slow(row) * uniform()));
      const green = blue.map((ms) => ms + normal());
      const options = { q, seed: n, draws: 100, block };
      const { lower, upper } = quantileDifference(blue, green, options);
      expect({ n, q, block, lower, upper }).toEqual({
        n,
        q,
        block,
        ...bySorting(blue, green, options),
      });
    }
    const many = Array.from({ length: 20_000 }, () => Math.exp(normal()));
    const other = many.map((ms) => ms * Math.exp(0.1 * normal()));
    const options = { q: 0.95, seed: 3, draws: 40, block: 1000 };
    const timeOf = (work: () => unknown) => {
      const from = performance.now();
      work();
      return performance.now() - from;
    };
    const sorting = timeOf(() => bySorting(many, other, options));
    expect(timeOf(() => quantileDifference(many, other, options))).toBeLessThan(sorting / 3);
  });

  it('widens the interval of values that go with their neighbours, and not of others', () => {
    const { uniform, normal } = random(7);
    const alone = Array.from({ length: 300 }, () => normal());
    let last = 0;
    const together = Array.from({ length: 300 }, () => (last = 0.98 * last + 0.2 * normal()));
    const half = (each: readonly number[]) => {
      const { estimate, upper } = batchedShift(each, 0.05);
      return upper - estimate;
    };
    expect(half(together)).toBeGreaterThan(3 * half(alone));
    // The order is what tells them apart.
    const shuffled = together
      .map((value) => ({ value, at: uniform() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
    expect(half(together)).toBeGreaterThan(3 * half(shuffled));
  });

  it('has batches cover the middle of independent values as often as they claim', () => {
    const { normal } = random(11);
    let missed = 0;
    for (let run = 0; run < 400; run += 1) {
      const values = Array.from({ length: 100 }, () => 1 + normal());
      if (batchedShift(values, 0.05).lower > 1) missed += 1;
    }
    // 5% claimed; the count of 400 is within 11 to 31 in 98 of 100 cases, and batches are careful.
    expect(missed).toBeLessThan(31);
    expect(batchedShift([1, 2, 3], 0.05)).toMatchObject({ lower: -Infinity, greater: 1 });
  });
});

describe('tests that are looked at after every value', () => {
  it('catch +10 pp failures near 100 pairs, and a dead green within ten', () => {
    const oneInTen = (n: number) =>
      Array.from({ length: n }, (_, index) => Number(index % 10 === 9));
    const caught = [...Array(400).keys()].find((n) => beyond(meanAbove(oneInTen(n), 0.01), 0.01));
    expect(caught).toBeGreaterThan(60);
    expect(caught).toBeLessThan(160);
    expect(beyond(meanAbove(Array<number>(10).fill(1), 0.01), 0.01)).toBe(true);
    expect(meanAbove(Array<number>(300).fill(0), 0.01)).toBe(0);
  });

  it('are seldom wrong at the limit, however often they are looked at', () => {
    const { uniform } = random(3);
    let [errors, shares] = [0, 0];
    const runs = 400;
    for (let run = 0; run < runs; run += 1) {
      const more: number[] = [];
      let hits = 0;
      let wrong = false;
      for (let n = 1; n <= 300; n += 1) {
        const [green, blue] = [Number(uniform() < 0.11), Number(uniform() < 0.1)];
        more.push(green - blue);
        hits += green;
        wrong ||= n % 5 === 0 && shareSequence({ hits, of: n }, 0.05).lower > 0.11;
      }
      if (beyond(meanAbove(more, 0.01), 0.05)) errors += 1;
      if (wrong) shares += 1;
    }
    // At most 5% of 400; 34 and more would come up once in 200 cases.
    expect(errors).toBeLessThan(34);
    expect(shares).toBeLessThan(34);
  });

  it('do not find a mean of minutes above the limit by chance', () => {
    const { normal } = random(5);
    let wrong = 0;
    for (let run = 0; run < 300; run += 1) {
      const values: number[] = [];
      let found = false;
      while (values.length < 60) {
        values.push(0.4 + 0.2 * normal());
        found ||= beyond(meanOther(values, 0.4), 0.05);
      }
      if (found) wrong += 1;
    }
    expect(wrong).toBeLessThan(27);
  });

  it.each([
    [5, 0.05],
    [12, 0.05],
    [60, 0.01],
  ])('bound the mean of %i values where its evidence reaches %d', (n, alpha) => {
    const { normal } = random(n);
    const values = Array.from({ length: n }, () => 3 + normal());
    const { lower, upper } = meanSequence(values, alpha);
    expect(lower).toBeLessThan(upper);
    for (const edge of [lower, upper])
      expect(meanOther(values, edge)).toBeCloseTo(-Math.log(alpha));
    expect(meanSequence(values.slice(0, 2), alpha)).toEqual({ lower: -Infinity, upper: Infinity });
  });
});

describe('several at once', () => {
  it('never lowers a p-value and keeps their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        (each) => {
          const adjusted = holm(each);
          each.forEach((p, index) => {
            expect(adjusted[index]).toBeGreaterThanOrEqual(p);
            expect(adjusted[index]).toBeLessThanOrEqual(1);
            each.forEach((other, at) => {
              if (p < other) {
                expect(adjusted[index] ?? 0).toBeLessThanOrEqual(adjusted[at] ?? 1);
              }
            });
          });
        },
      ),
    );
  });
});

describe('splits', () => {
  it('sees a dead 10% arm within 240 probes, looked at after each, at alpha .001', () => {
    let sent = 0;
    while (!beyond(shareOutside({ hits: 0, of: sent }, 0.1, 0.02), 0.001) && sent < 1000) sent += 1;
    expect(sent).toBeGreaterThan(160);
    expect(sent).toBeLessThan(240);
  });

  it('finds nothing in a share within the tolerance, however many probes', () => {
    for (const of of [100, 1000, 100_000]) {
      expect(shareOutside({ hits: 0.11 * of, of }, 0.1, 0.02)).toBeLessThan(0);
    }
    expect(shareOutside({ hits: 5, of: 5 }, 1, 0.02)).toBe(0);
  });
});

describe('distances of histograms', () => {
  it('puts what lies outside in the outer bins', () => {
    expect(histogram([-1, 0, 0.05, 0.5, 1, 2], 0, 1)).toEqual([3, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
  });

  it('is nothing for the same, and the most for disjoint ones', () => {
    const bins = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(bins, (each) => {
        expect(jensenShannon(each, each)).toBeCloseTo(0, 9);
        expect(populationStability(each, each)).toBeCloseTo(0, 9);
      }),
    );
    expect(jensenShannon([9, 0], [0, 4])).toBeCloseTo(1, 12);
    expect(populationStability([50, 0], [0, 50])).toBeGreaterThan(1);
  });
});

describe('order', () => {
  it('is 1 for any rising function, -1 for a falling one, nothing without spread', () => {
    const x = [1, 2, 3, 5, 8, 13];
    expect(spearman(x, x.map(Math.exp))).toBeCloseTo(1, 12);
    expect(spearman(x, x.map((value) => -value))).toBeCloseTo(-1, 12); // prettier-ignore
    expect(spearman(x, x.map(() => 4))).toBeNaN(); // prettier-ignore
  });
});
