// Simulated deployments behind one endpoint, at the boundary where the program speaks to Azure:
// `score` for rows and probes, `metrics` for minutes of Azure Monitor.
import { uniformFloat64, xoroshiro128plus } from './program.mjs';

export function generator(seed) {
  const random = xoroshiro128plus(seed);
  // The first numbers of neighbouring seeds are alike.
  const uniform = () => uniformFloat64(random);
  for (let skip = 0; skip < 20; skip += 1) uniform();
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const BASE_MS = 40;
const NOISE = 0.15;
const ROW_SPREAD = 0.5;

/**
 * What a pair of deployments is like.
 *
 * errors: share of calls that fail, alike on both and independently; `green`: of green instead;
 * shared: share of rows on which both fail. Answers: `churn` is the share of rows whose label
 * differs, one way and the other alike; `lost`, `won` are shares right on blue or on green only.
 * latency: green's factor. ar: correlation of one call's noise with the next, each deployment its
 * own; tail: noise of Student's t with 2 degrees; drift: both grow slower, to so many times;
 * pauses: a call in 50 takes ten times as long; cold: so many first calls of green are up to eight
 * times slower. dead: what green or both answer to everything.
 */
export const ALIKE = {
  errors: 0.002,
  shared: 0,
  churn: 0,
  lost: 0,
  won: 0,
  right: 0.85,
  latency: 1,
  addedMs: 0,
  ar: 0,
  drift: 0,
  tail: false,
  pauses: 0,
  cold: 0,
  baseMs: BASE_MS,
};

function studentT2(uniform) {
  // The quantile function of Student's t with two degrees of freedom has a closed form.
  const p = Math.min(1 - 1e-9, Math.max(1e-9, uniform()));
  return (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
}

/** Rows of a file: `count` of them at most, the same for the same seed. */
export function fileOf(seed, kind, count) {
  const { uniform, normal } = generator(seed * 7 + 1);
  const rows = [];
  const grow = (to) => {
    while (rows.length < Math.min(to, count)) {
      const special =
        (kind.numbers && numberRow(rows.length + 1, kind.numbers, { uniform, normal })) ??
        (kind.indexes && indexRow(rows.length + 1, kind.indexes, { uniform, normal }));
      if (special) {
        rows.push(special);
        continue;
      }
      const truth = uniform() < 0.46 ? 1 : 0;
      const u = uniform();
      const { churn, lost, won, right, shared } = kind;
      // Churn is half of it lost and half of it won.
      const [l, w] = [lost + churn / 2, won + churn / 2];
      const blueRight = u < l || (u >= l + w && uniform() < right);
      const greenRight = u < l ? false : u < l + w ? true : blueRight;
      rows.push({
        number: rows.length + 1,
        truth: String(truth),
        body: {
          row: rows.length + 1,
          blue: blueRight ? truth : 1 - truth,
          green: greenRight ? truth : 1 - truth,
          base: Math.exp(ROW_SPREAD * normal()),
          fails: uniform() < shared,
        },
      });
    }
  };
  const draw = async (wanted) => {
    grow(wanted);
    return rows.slice(0, Math.min(wanted, count));
  };
  return Object.assign(draw, { total: count });
}

const plain = (number, truth, answers, normal) => ({
  number,
  truth: String(truth),
  body: { row: number, ...answers, base: Math.exp(ROW_SPREAD * normal()), fails: false },
});

/**
 * A number to be met: errors are normal, or with tails Student's t with 2 degrees of freedom, and
 * green's go with blue's. Shares of rows: `broken` green is far off, `blueOff` blue alone is, `wrong`
 * the target is a mark for a missing value, `infinite` green answers no finite number.
 */
function numberRow(number, kind, { uniform, normal }) {
  const { correlation, factor = 1, broken = 0 } = kind;
  const { tails = false, blueOff = 0, wrong = 0, infinite = 0 } = kind;
  const is = (share) => share > 0 && uniform() < share;
  const truth = 250 + 60 * normal();
  const [b, g] = tails ? tailed(correlation, uniform) : correlated(correlation, normal);
  const green = factor * g + (uniform() < broken ? 4 : 0);
  const answers = {
    blue: truth + 20 * b + (is(blueOff) ? 20_000 : 0),
    green: is(infinite) ? Infinity : truth + 20 * green,
  };
  return plain(number, is(wrong) ? -999_999 : truth, answers, normal);
}

function correlated(correlation, normal) {
  const blue = normal();
  return [blue, correlation * blue + Math.sqrt(1 - correlation ** 2) * normal()];
}

/** Sums of Student's t have another shape than it, so both get the same sum. */
function tailed(correlation, uniform) {
  const shared = Math.sqrt(correlation) * studentT2(uniform);
  const own = () => Math.sqrt(1 - correlation) * studentT2(uniform);
  return [shared + own(), shared + own()];
}

/** One of the classes 1, 2 and 3, the first most often, of which the model answers the index. */
function indexRow(number, { right = 0.9, lost = 0 }, { uniform, normal }) {
  const u = uniform();
  const truth = u < 0.8 ? 0 : u < 0.9 ? 1 : 2;
  const blue = uniform() < right ? truth : (truth + 1) % 3;
  const green = lost > 0 && uniform() < lost ? (truth + 1) % 3 : blue;
  return plain(number, truth + 1, { blue, green }, normal);
}

const ANSWERS = {
  ok: undefined,
  500: { status: 500, body: 'boom' },
  424: { status: 424, body: 'model' },
  404: { status: 404, body: 'no such deployment' },
  429: { status: 429, body: 'busy' },
  400: { status: 400, body: 'bad request' },
  'half a JSON': { status: 200, body: '[1, 0' },
  gone: {
    status: 0,
    failure: { kind: 'network', what: 'score', message: 'ENOTFOUND', retrySafe: true },
  },
};

/** @returns a workspace with `score` and `metrics`, and counts of what it was asked */
export function service(seed, kind, { clock, split = { blue: 100, green: 0 }, served } = {}) {
  const { uniform, normal } = generator(seed * 7 + 3);
  const state = { blue: normal(), green: normal() };
  const asked = { blue: 0, green: 0, probes: 0 };
  let kept;
  const latency = (name, base) => {
    const { ar, tail, drift, pauses, cold } = kind;
    const call = asked[name];
    // One step of the noise for each call of the other too: time passes for both.
    if (ar > 0) state[name] = ar * state[name] + Math.sqrt(1 - ar * ar) * normal();
    const noise = tail ? 0.5 * studentT2(uniform) : ar > 0 ? state[name] : normal();
    let ms = kind.baseMs * base * Math.exp(NOISE * Math.max(-20, Math.min(20, noise)));
    // Beside the slow noise, every call has some of its own.
    if (ar > 0) ms *= Math.exp(0.05 * normal());
    if (drift > 0) ms *= 1 + (drift * (asked.blue + asked.green)) / 600;
    if (pauses > 0 && uniform() < pauses) ms *= 10;
    if (name === 'green') {
      ms = ms * kind.latency + kind.addedMs;
      if (call <= cold) ms *= 1 + 7 * Math.exp((-3 * (call - 1)) / Math.max(1, cold));
    }
    return ms;
  };
  const errorsOf = (name) => (name === 'green' ? (kind.green ?? kind.errors) : kind.errors);
  const workspace = {
    async score(endpoint, body, options = {}) {
      const pinned = options.deployment;
      const shares = served ?? split;
      const total = shares.blue + shares.green;
      const routed = uniform() * total < shares.green ? 'green' : 'blue';
      // A router that chooses per connection gives a kept one the same deployment for good.
      if (options.freshConnection !== true) kept ??= routed;
      const name =
        pinned ?? (kind.perConnection && options.freshConnection !== true ? kept : routed);
      asked[name] += 1;
      if (pinned === undefined) asked.probes += 1;
      const dead = kind.bothDead ?? (name === 'green' ? kind.dead : undefined);
      const latencyMs = latency(name, body.base ?? 1);
      const gone = kind.gone?.[name] ?? 0;
      const broken = ANSWERS[dead ?? (gone > 0 && uniform() < gone ? 'gone' : 'ok')];
      if (broken) {
        const named = broken.status === 404 || broken.status === 0 ? {} : { deployment: name };
        return { latencyMs, ...named, ...broken };
      }
      if (body.fails || uniform() < errorsOf(name)) {
        return { status: 424, body: 'failed', latencyMs, deployment: name };
      }
      return { status: 200, body: [body[name] ?? 1], latencyMs, deployment: name };
    },
    async metrics(endpoint, names, from, to) {
      const found = [];
      const first = Math.ceil(from.getTime() / 60_000) * 60_000;
      const end = Math.min(to.getTime(), clock?.now() ?? 0);
      for (let at = first; at + 60_000 <= end; at += 60_000) {
        for (const name of names) found.push(...minuteOf(seed, kind, name, at, split));
      }
      return found;
    },
  };
  return { workspace, asked };
}

/** A minute of live users; the same whenever it is asked for. */
function minuteOf(seed, kind, name, at, split) {
  const share = (at < (kind.changedAt ?? 0) ? kind.splitBefore : split)[name] ?? 0;
  const mean = (kind.perMinute ?? 60) * (share / 100);
  if (mean === 0) return [];
  const { uniform, normal } = generator(
    ((seed * 1_000_003 + Math.floor(at / 60_000) * 31 + (name === 'green' ? 17 : 0)) >>> 0) + 1,
  );
  // Requests come independently, so their number is Poisson; the normal is near enough.
  const requests = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  if (requests === 0) return [];
  const dead = kind.bothDead ?? (name === 'green' ? kind.dead : undefined);
  const rate =
    dead === undefined ? (name === 'green' ? (kind.green ?? kind.errors) : kind.errors) : 1;
  let errors = 0;
  for (let each = 0; each < requests; each += 1) if (uniform() < rate) errors += 1;
  // The 95th of 100 sorted uniform numbers is about normal.
  const q = 0.95 + Math.sqrt((0.95 * 0.05) / requests) * normal();
  const z = quantile(Math.min(0.9995, Math.max(0.5, q)));
  const p95Ms =
    kind.baseMs * (name === 'green' ? kind.latency : 1) * Math.exp((kind.spread ?? 0.5) * z);
  const iso = new Date(at).toISOString();
  return [{ at: iso, deployment: name, requests, failed: errors, errors, busy: 0, p95Ms }];
}

/** Of the standard normal distribution; Abramowitz and Stegun 26.2.23, good to 4.5e-4. */
function quantile(p) {
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
  return p < 0.5 ? -z : z;
}
