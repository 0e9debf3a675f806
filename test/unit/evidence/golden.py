"""Writes golden.json: what SciPy, statsmodels and scikit-learn say, for golden.test.ts.

    pip install scipy==1.17.1 statsmodels==0.15.0 scikit-learn==1.9.1
    python golden.py > golden.json && npx prettier --write golden.json

Where no library has a formula, it is computed here another way than in the program.
"""

import itertools
import json

import numpy as np
from scipy import integrate, optimize, stats
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

rng = np.random.default_rng(4711)
Z95 = float(stats.norm.ppf(0.95))
out = {}


def case(name, **numbers):
    def plain(value):
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, (list, tuple)):
            return [plain(each) for each in value]
        return value.item() if isinstance(value, np.generic) else value

    out.setdefault(name, []).append({key: plain(value) for key, value in numbers.items()})


for k, n, p in [(0, 10, 0.3), (3, 10, 0.5), (7, 300, 0.01), (40, 2000, 0.0101), (299, 300, 0.99)]:
    case("binomial", k=k, n=n, p=p, pmf=stats.binom.pmf(k, n, p), cdf=stats.binom.cdf(k, n, p),
         upper=stats.binom.sf(k - 1, n, p))

for b, c in [(5, 0), (6, 0), (8, 0), (11, 0), (3, 4), (12, 3), (95, 24), (1, 1)]:
    case("mcnemar", b=b, c=c, twoSided=mcnemar([[0, b], [c, 0]], exact=True).pvalue)

for x, n in [(0, 200), (1, 300), (5, 5), (48, 80), (56, 70), (0, 1)]:
    interval = stats.binomtest(x, n).proportion_ci(0.90, "wilson")
    case("wilson", x=x, n=n, z=Z95, lower=interval.low, upper=interval.high)
    case("clopperPearson", x=x, n=n, alpha=0.05,
         lower=stats.binomtest(x, n, alternative="greater").proportion_ci(0.95).low,
         upper=stats.binomtest(x, n, alternative="less").proportion_ci(0.95).high)

for xg, ng, xb, nb in [(56, 70, 48, 80), (1, 300, 0, 300), (0, 200, 0, 200), (9, 10, 3, 10), (6, 50, 0, 50)]:
    for level in (0.90, 0.95):
        low, high = confint_proportions_2indep(xg, ng, xb, nb, method="newcomb", compare="diff", alpha=1 - level)
        case("newcombe", xg=xg, ng=ng, xb=xb, nb=nb, z=stats.norm.ppf((1 + level) / 2), lower=low, upper=high)


def tango_bound(b, c, n, z):
    """The restricted likelihood is maximised numerically, not by the closed form."""
    def score(difference):
        a = n - b - c
        low, high = max(0.0, -difference), (1 - difference) / 2

        def minus_log_likelihood(q):
            terms = ((b, q), (c, q + difference), (a, 1 - 2 * q - difference))
            return -sum(count * np.log(max(p, 1e-300)) for count, p in terms if count)

        q = optimize.minimize_scalar(minus_log_likelihood, bounds=(low, high), method="bounded",
                                     options={"xatol": 1e-13}).x
        return (c - b - n * difference) / np.sqrt(n * (2 * q + difference * (1 - difference)))

    return optimize.brentq(lambda d: score(d) - z, -0.9, 0.9)


for b, c, n in [(1, 3, 200), (5, 2, 303), (95, 24, 303), (12, 2, 44), (3, 3, 60)]:
    case("tango", b=b, c=c, n=n, z=Z95, lower=tango_bound(b, c, n, Z95), upper=tango_bound(b, c, n, -Z95))

left = rng.choice(list("abc"), 80)
right = np.where(rng.random(80) < 0.8, left, rng.choice(list("abc"), 80))
case("kappa", left=left, right=right, value=cohen_kappa_score(left, right))


def walsh(values):
    return np.sort([(values[i] + values[j]) / 2 for i, j in itertools.combinations_with_replacement(range(len(values)), 2)])


def signed_rank_cut(n, alpha):
    """Brute force: the largest k with P(W <= k - 1) <= alpha."""
    counts = np.array([1.0])
    for rank in range(1, n + 1):
        longer = np.zeros(len(counts) + rank)
        longer[: len(counts)] += counts
        longer[rank:] += counts
        counts = longer
    return int(np.searchsorted(np.cumsum(counts / counts.sum()), alpha, side="right"))


samples = {
    "small": rng.normal(0.3, 1, 10).round(6),
    "middle": rng.normal(0.1, 0.4, 45).round(6),
    "large": rng.normal(0.12, 0.3, 120).round(6),
    "fewTies": np.array([1, -1, 2, 3, 3, -2, 4, 0, 5, 1.0]),
    "manyTies": rng.integers(-5, 9, 60).astype(float),
    "zeros": np.concatenate([rng.normal(0.2, 1, 30).round(6), [0, 0, 0]]),
    "tiedSmall": rng.integers(-2, 5, 30).astype(float),
}
for values in samples.values():
    for mu in (0.0, 0.25):
        case("wilcoxon", values=values, mu=mu,
             statistic=stats.wilcoxon(values - mu, alternative="greater").statistic,
             greater=stats.wilcoxon(values - mu, alternative="greater").pvalue,
             less=stats.wilcoxon(values - mu, alternative="less").pvalue)

for name in ("small", "middle", "large", "fewTies"):
    values = samples[name]
    n = len(values)
    averages = walsh(values)
    if n <= 50:
        cut = signed_rank_cut(n, 0.05)
    else:
        cut = int(n * (n + 1) / 4 - Z95 * np.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    case("hodgesLehmann", values=values, alpha=0.05, estimate=np.median(averages),
         lower=averages[cut - 1], upper=averages[len(averages) - cut])

for n, q in [(60, 0.5), (100, 0.9), (200, 0.95), (303, 0.95)]:
    values = rng.lognormal(3.7, 0.5, n).round(4)
    interval = stats.quantile_test(values, q=float(np.quantile(values, q)), p=q).confidence_interval(0.95)
    case("quantileInterval", values=values, q=q, value=np.quantile(values, q), lower=interval.low, upper=interval.high)

blue = rng.lognormal(3.7, 0.4, 250).round(4)
green = (blue * rng.lognormal(0.1, 0.1, 250)).round(4)
interval = stats.bootstrap(
    (blue, green), lambda b, g, axis: np.quantile(g, 0.95, axis=axis) - np.quantile(b, 0.95, axis=axis),
    paired=True, vectorized=True, n_resamples=20000, method="percentile", rng=rng).confidence_interval
case("pairedBootstrap", blue=blue, green=green, q=0.95, estimate=np.quantile(green, 0.95) - np.quantile(blue, 0.95),
     lower=interval.low, upper=interval.high)

for values in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.02], [1.0], [0.001, 0.001]):
    case("holm", values=values, adjusted=multipletests(values, method="holm")[1])

for counts, shares, prior in [([372, 40], [0.9, 0.1], 100), ([160, 0], [0.9, 0.1], 100), ([5, 3, 9], [0.2, 0.3, 0.5], 10)]:
    total = sum(counts)
    alternative = stats.dirichlet_multinomial.logpmf(counts, np.array(shares) * prior, total)
    case("logBayesFactor", counts=counts, shares=shares, prior=prior,
         value=alternative - stats.multinomial.logpmf(counts, total, shares))

for hits, n, alpha in [(0, 50, 0.05), (3, 200, 0.05), (12, 285, 0.05), (90, 100, 0.01)]:
    seen = hits / n

    def kept(p):
        mixture = stats.betabinom.logpmf(hits, n, 0.5, 0.5) - stats.binom.logpmf(hits, n, p)
        return mixture + np.log(alpha)

    case("shareSequence", hits=hits, n=n, alpha=alpha,
         lower=0 if hits == 0 else optimize.brentq(kept, 1e-12, seen),
         upper=optimize.brentq(kept, max(seen, 1e-12), 1 - 1e-12))

for hits, n, share, tolerance in [(0, 100, 0.1, 0.02), (20, 100, 0.1, 0.02), (11, 100, 0.1, 0.02), (60, 90, 0.5, 0.02)]:
    nearest = np.clip(hits / n, share - tolerance, share + tolerance)
    case("shareOutside", hits=hits, n=n, share=share, tolerance=tolerance,
         value=stats.betabinom.logpmf(hits, n, 100 * share, 100 * (1 - share)) - stats.binom.logpmf(hits, n, nearest))

for values, limit in [([1] * 12, 0.01), ([0, 0, 1, 0, 1, 1, -1, 0, 1, 1], 0.01), ([0] * 30, 0.01)]:
    wealth = np.array([
        np.mean([np.prod(1 + stake / (1 + limit) * (np.array(values[:n]) - limit))
                 for stake in (0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95)])
        for n in range(len(values) + 1)])
    case("meanAbove", values=values, limit=limit, value=max(0.0, np.log(wealth.max())))

for values, mu in [([0.1, 0.3, 0.2, 0.25], 0.0), ([0.7, 0.65, 0.72, 0.69, 0.71, 0.6], 0.405), ([0.1, -0.1, 0.05], 0.0)]:
    n = len(values)
    t = (np.mean(values) - mu) / (np.std(values, ddof=1) / np.sqrt(n))
    top = integrate.quad(lambda d: stats.nct.pdf(t, n - 1, d * np.sqrt(n)) * stats.norm.pdf(d, 0, 2), -40, 40, limit=500)[0]
    case("meanOther", values=values, mu=mu, value=np.log(top / stats.t.pdf(t, n - 1)))

for b, c, n, difference in [(1, 8, 300, 0.01), (0, 0, 200, 0.01), (5, 5, 300, 0.02), (3, 20, 100, 0.05)]:
    # The likeliest shares of both kinds of rows under the difference, found by search.
    def unlikely(q):
        rest = 1 - 2 * q - difference
        return -(b * np.log(q) + c * np.log(q + difference) + (n - b - c) * np.log(rest))

    q = optimize.minimize_scalar(unlikely, bounds=(1e-15, (1 - difference) / 2 - 1e-12), method="bounded",
                                 options={"xatol": 1e-14}).x
    z = (c - b - n * difference) / np.sqrt(n * (2 * q + difference * (1 - difference)))
    case("tangoExcess", b=b, c=c, n=n, difference=difference, value=stats.norm.sf(z))

for a, b in [([10, 20, 30], [12, 18, 30]), ([5, 0, 5], [0, 10, 0]), ([1, 2], [1, 2])]:
    case("jensenShannon", a=a, b=b, value=jensenshannon(a, b, base=2))
for a, b in [([10, 20, 30], [12, 18, 30]), ([50, 0, 5], [30, 10, 4])]:
    p, q = (np.array(each) + 0.5 for each in (a, b))
    p, q = p / p.sum(), q / q.sum()
    case("populationStability", a=a, b=b, value=stats.entropy(q, p) + stats.entropy(p, q))

x = rng.normal(size=40).round(3)
y = (x + rng.normal(size=40)).round(1)
case("spearman", x=x, y=y, value=stats.spearmanr(x, y).statistic)

# Regression with truth: a generator of its own, so that the cases above keep their numbers.
own = np.random.default_rng(815)
for n, worse, broken in [(40, 1.0, 0.0), (45, 1.3, 0.0), (120, 1.0, 0.0), (120, 1.02, 0.1), (120, 1.4, 0.0)]:
    truth = own.normal(250, 60, n).round(3)
    error = own.normal(0, 20, n)
    blue = (truth + error).round(4)
    green = (truth + worse * (error + own.normal(0, 4, n)) + np.where(own.random(n) < broken, 80, 0)).round(4)
    more = np.abs(green - truth) - np.abs(blue - truth)
    mu = 0.1 * np.abs(blue - truth).mean()
    averages = walsh(more)
    if n <= 50:
        cut = signed_rank_cut(n, 0.05)
    else:
        cut = int(n * (n + 1) / 4 - Z95 * np.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    student = stats.ttest_1samp(more, mu, alternative="greater")
    bounds = stats.ttest_1samp(more, mu).confidence_interval(0.90)
    case("meanShift", values=more, mu=mu, estimate=more.mean(), lower=bounds.low, upper=bounds.high,
         greater=student.pvalue)
    signed = stats.wilcoxon(more - mu, alternative="greater").pvalue
    case("absoluteError", truth=truth, blue=blue, green=green,
         maeBlue=np.abs(blue - truth).mean(), maeGreen=np.abs(green - truth).mean(),
         upper=max(averages[len(averages) - cut], bounds.high),
         p=min(1, 2 * min(signed, student.pvalue)))

print(json.dumps(out, indent=1))
