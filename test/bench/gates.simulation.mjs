// False alarms and detections of the complete set of gates, on simulated rollouts with fixed seeds:
//   node test/bench/gates.simulation.mjs [--full | --quick]
// Full, and unless told: 10,000 A/A rollouts and 1,000 of each other kind; takes minutes.
// Latency is lognormal (row spread 0.5, noise 0.15 on each call), errors are independent, answers are
// those of the sample models: v2 differs from v1 on 7 of 303 rows (5 of them right), v3 on 119.
// Each rollout goes as the program does: 200 rows, then what `decision` asks for, until the file's
// 303 rows are used up; then probes. Targets: false abort at most 1 %, v3 stopped at least 99 %.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const quick = process.argv.includes('--quick');
const many = quick ? 1_500 : 10_000;
const some = quick ? 300 : 1_000;
const FIRST_ROWS = 200;
const FILE_ROWS = 303;
const FIRST_PROBES = 100;

const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-bench-'));
const gatesFolder = new URL('../../src/rollout/evidence/', import.meta.url);
await build({
  stdin: {
    contents: `
      export { judge } from './gates/judge.ts';
      export { watch } from './gates/watch.ts';
      export { judgeLive } from './gates/live.ts';
      export { decision } from './gates/decision.ts';
      export { DEFAULT_GATES } from './gates/settings.ts';
      export { startSplitWatch, sawProbe } from './statistics/sequential.ts';
      export { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
      export { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';`,
    resolveDir: fileURLToPath(gatesFolder),
    loader: 'ts',
  },
  outfile: join(folder, 'gates.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});
const {
  judge,
  watch,
  decision,
  judgeLive,
  DEFAULT_GATES,
  startSplitWatch,
  sawProbe,
  xoroshiro128plus,
  uniformFloat64,
} = await import(pathToFileURL(join(folder, 'gates.mjs')).href);
await rm(folder, { recursive: true });

// A warning never changes the decision, and the bootstrap of p95 is most of the time.
const gates = { ...DEFAULT_GATES, latencyP95: { ...DEFAULT_GATES.latencyP95, mode: 'off' } };

function generator(seed) {
  const random = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(random);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/** Shares of rows by who is right, as the sample models have it on the whole file. */
const AGREE = { bothRight: 0.851, bothWrong: 0.149, lost: 0, won: 0 };
const V2 = { bothRight: 256 / 303, bothWrong: 40 / 303, lost: 2 / 303, won: 5 / 303 };
const V3 = { bothRight: 164 / 303, bothWrong: 20 / 303, lost: 94 / 303, won: 25 / 303 };

function drawRow(number, { uniform, normal }, kind) {
  const { answers = AGREE, latency = 1, blueErrors = 0.002, greenErrors = blueErrors } = kind;
  const truth = uniform() < 0.46 ? 1 : 0;
  const u = uniform();
  const { bothRight, bothWrong, lost } = answers;
  const blueRight =
    u < bothRight || (u >= bothRight + bothWrong && u < bothRight + bothWrong + lost);
  const greenRight = u < bothRight || u >= bothRight + bothWrong + lost;
  const base = 40 * Math.exp(0.5 * normal());
  const answer = (right, errors, factor) => {
    const latencyMs = base * factor * Math.exp(0.15 * normal());
    return uniform() < errors
      ? { ok: false, problem: 'model', status: 424, latencyMs }
      : { ok: true, prediction: right ? truth : 1 - truth, status: 200, latencyMs };
  };
  return {
    row: number,
    truth: String(truth),
    answers: {
      blue: answer(blueRight, blueErrors, 1),
      green: answer(greenRight, greenErrors, latency),
    },
  };
}

function rollout(seed, kind, watched) {
  const source = generator(seed);
  const evidence = { rows: [], blue: 'blue', green: 'green', seed };
  let target = FIRST_ROWS;
  let looks = 0;
  for (;;) {
    while (evidence.rows.length < target) {
      evidence.rows.push(drawRow(evidence.rows.length + 1, source, kind));
      if (watched && evidence.rows.length % 5 === 0) {
        const failed = watch(evidence, gates);
        if (failed.length > 0) {
          return { outcome: 'stop', rows: evidence.rows.length, looks, by: failed[0].gate };
        }
      }
    }
    looks += 1;
    const next = decision(judge(evidence, gates));
    const rows = evidence.rows.length;
    if (next.do !== 'send-more' || rows >= FILE_ROWS) {
      const outcome = next.do === 'promote' || next.do === 'stop' ? next.do : 'hold';
      return { outcome, rows, looks, by: next.because?.[0]?.gate };
    }
    target = Math.min(FILE_ROWS, rows + next.rows);
  }
}

function report(name, count, kind, watched = false) {
  const outcomes = { promote: 0, hold: 0, stop: 0 };
  const by = {};
  let rows = 0;
  for (let seed = 1; seed <= count; seed += 1) {
    const result = rollout(seed, kind, watched);
    outcomes[result.outcome] += 1;
    rows += result.rows;
    if (result.by) {
      const key = `${result.outcome} ${result.by}`;
      by[key] = (by[key] ?? 0) + 1;
    }
  }
  const share = (outcome) => `${((100 * outcomes[outcome]) / count).toFixed(2).padStart(6)} %`;
  const because = Object.entries(by)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  console.log(
    `${name.padEnd(44)} ${String(count).padStart(6)}  stop ${share('stop')}  hold ${share('hold')}  promote ${share('promote')}  rows ${(rows / count).toFixed(0)}  ${because}`,
  );
}

/** Quick: a verdict at 100 probes. Solid: one more at 400. Watched: the sequence alone, to 2000. */
function reportSplit(name, count, configured, actual) {
  const found = { quick: 0, solid: 0, watched: 0 };
  const needed = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const { uniform } = generator(seed);
    const served = {};
    let sequence = startSplitWatch([1 - configured / 100, configured / 100]);
    let quick = false;
    let solid = false;
    let alarm = 0;
    for (let sent = 1; sent <= 2000; sent += 1) {
      const green = uniform() < actual / 100;
      const who = green ? 'green' : 'blue';
      served[who] = (served[who] ?? 0) + 1;
      if (!alarm) {
        sequence = sawProbe(sequence, green ? 1 : 0);
        if (sequence.p <= gates.split.alpha) alarm = sent;
      }
      if (sent === FIRST_PROBES || sent === 400) {
        const split = {
          configured: { blue: 100 - configured, green: configured },
          served,
          sent,
          failed: 0,
        };
        const [verdict] = judge({ rows: [], blue: 'blue', green: 'green', split }, gates);
        if (verdict.verdict === 'fail') {
          if (sent === FIRST_PROBES) quick = true;
          solid = true;
        }
      }
    }
    found.quick += quick;
    found.solid += solid;
    if (alarm) {
      found.watched += 1;
      needed.push(alarm);
    }
  }
  needed.sort((a, b) => a - b);
  const share = (which) => `${((100 * found[which]) / count).toFixed(2).padStart(6)} %`;
  console.log(
    `${name.padEnd(44)} ${String(count).padStart(6)}  100 probes ${share('quick')}  400 ${share('solid')}  watched to 2000 ${share('watched')}  median ${needed[needed.length >> 1] ?? 'n/a'}`,
  );
}

/** The live p95 gate without the pool, to be compared with. */
function slowMinutes(minutes) {
  const { ratio, minutes: most, of, requests } = gates.liveLatency;
  const counted = minutes.filter(
    ({ blue, green }) => blue.requests >= requests && green.requests >= requests,
  );
  const slow = counted.slice(-of).filter(({ blue, green }) => green.p95Ms > ratio * blue.p95Ms);
  return { gate: 'liveLatency', verdict: slow.length >= most ? 'fail' : 'pass' };
}

/** One verdict on the file's rows; errors are normal, and green's go with blue's. */
function reportNumbers(name, count, { correlation, factor = 1, broken = 0 }) {
  const outcomes = { pass: 0, inconclusive: 0, fail: 0 };
  const own = Math.sqrt(1 - correlation ** 2);
  for (let seed = 1; seed <= count; seed += 1) {
    const { uniform, normal } = generator(seed);
    const rows = Array.from({ length: FILE_ROWS }, (_, index) => {
      const truth = 250 + 60 * normal();
      const blue = normal();
      const green = factor * (correlation * blue + own * normal()) + (uniform() < broken ? 4 : 0);
      const answer = (error) => ({
        ok: true,
        prediction: truth + 20 * error,
        status: 200,
        latencyMs: 9,
      });
      return {
        row: index + 1,
        truth: String(truth),
        answers: { blue: answer(blue), green: answer(green) },
      };
    });
    const verdict = judge({ rows, blue: 'blue', green: 'green', seed }, gates).find(
      ({ gate }) => gate === 'absoluteError',
    );
    outcomes[verdict.verdict] += 1;
  }
  const share = (which) => `${((100 * outcomes[which]) / count).toFixed(2).padStart(6)} %`;
  console.log(
    `${name.padEnd(44)} ${String(count).padStart(6)}  fail ${share('fail')}  unclear ${share('inconclusive')}  pass ${share('pass')}`,
  );
}

/** Two hours of live minutes, judged after each: what fails first, and when. */
function reportLive(
  name,
  count,
  {
    perMinute,
    green,
    errors = 0.005,
    greenErrors = errors,
    latency = 1,
    spread = 0.5,
    only,
    unpooled = false,
  },
) {
  const by = {};
  const found = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const { uniform, normal } = generator(seed);
    const minuteOf = (mean, errorRate, factor) => {
      // Requests come independently, so their number is Poisson; the normal is near enough.
      const requests = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      let failed = 0;
      const times = [];
      for (let request = 0; request < requests; request += 1) {
        if (uniform() < errorRate) failed += 1;
        times.push(40 * factor * Math.exp(spread * normal()));
      }
      times.sort((a, b) => a - b);
      const p95Ms = times[Math.min(requests - 1, Math.floor(0.95 * requests))];
      return { requests, errors: failed, busy: 0, ...(p95Ms && { p95Ms }) };
    };
    const minutes = [];
    while (minutes.length < 120) {
      minutes.push({
        at: '',
        blue: minuteOf(perMinute * (1 - green), errors, 1),
        green: minuteOf(perMinute * green, greenErrors, latency),
      });
      const judged = unpooled ? [slowMinutes(minutes)] : judgeLive(minutes, gates);
      const failed = judged.find(
        ({ gate, verdict }) => verdict === 'fail' && (only === undefined || gate === only),
      );
      if (failed) {
        by[failed.gate] = (by[failed.gate] ?? 0) + 1;
        found.push(minutes.length);
        break;
      }
    }
  }
  found.sort((a, b) => a - b);
  const because = Object.entries(by)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  console.log(
    `${name.padEnd(48)} ${String(count).padStart(6)}  fail ${((100 * found.length) / count).toFixed(2).padStart(6)} %  median minute ${found[found.length >> 1] ?? 'n/a'}  ${because}`,
  );
}

console.log(
  'Verdict before live traffic: stop, hold (not proved with the file’s 303 rows), promote',
);
report('A/A, 0.2 % errors on both', many, {});
report('A/A, no errors', some, { blueErrors: 0 });
report('A/A, 2 % errors on both', some, { blueErrors: 0.02 });
report('A/A, watched every 5 rows', some, {}, true);
report('v1 -> v2', some, { answers: V2 });
report('v1 -> v3', some, { answers: V3 });
report('+25 % latency', some, { latency: 1.25 });
report('+10 % latency, at the limit', some, { latency: 1.1 });
report('+5 pp errors', some, { greenErrors: 0.052 });
report('+5 pp errors, watched every 5 rows', some, { greenErrors: 0.052 }, true);
report('+10 pp errors, watched every 5 rows', some, { greenErrors: 0.102 }, true);
console.log('\nSplit probes: share of runs with an alarm');
reportSplit('10 % served as 10 % (false alarm)', some, 10, 10);
reportSplit('10 % served as 0 %', some, 10, 0);
reportSplit('10 % served as 20 %', some, 10, 20);
reportSplit('10 % served as 50 %', some, 10, 50);
reportSplit('50 % served as 40 %', some, 50, 40);

console.log('\nLive minutes: two hours, judged after every one');
const live = Math.max(50, Math.ceil(some / 10));
const calm = { perMinute: 60, green: 0.1 };
const busy = { perMinute: 300, green: 0.1 };
reportLive('no difference, 60 a minute, 10 % to green', live, calm);
reportLive('no difference, 300 a minute, 10 % to green', live, busy);
reportLive('no difference, 60 a minute, half to green', live, { ...calm, green: 0.5 });
reportLive('+5 pp errors, 60 a minute, 10 % to green', live, { ...calm, greenErrors: 0.055 });
reportLive('+5 pp errors, 300 a minute, 10 % to green', live, { ...busy, greenErrors: 0.055 });
reportLive('twice the latency, 300 a minute, 10 % to green', live, { ...busy, latency: 2 });
reportLive('twice the latency, 60 a minute, half to green', live, {
  ...calm,
  green: 0.5,
  latency: 2,
});

console.log(
  '\nLive p95 alone: the minutes of the plan only, and pooled with those before as it is',
);
for (const [perMinute, latency, spread] of [
  [40, 1, 0.5],
  [60, 1, 0.5],
  [160, 1, 0.5],
  [60, 1, 1],
  [40, 2, 0.5],
  [60, 2, 0.5],
  [160, 2, 0.5],
]) {
  const what = latency === 1 ? 'no difference' : 'twice the latency';
  const name = `${what}, ${perMinute / 2} a minute to each, row spread ${spread}`;
  const at = { perMinute, green: 0.5, latency, spread, only: 'liveLatency' };
  reportLive(`${name}, minutes only`, live * 2, { ...at, unpooled: true });
  reportLive(name, live * 2, at);
}

console.log('\nNumbers with truth: absolute error at most 10 % more than the mean of blue');
reportNumbers('as good, errors correlate 0.95', some, { correlation: 0.95 });
reportNumbers('as good, errors correlate 0.7', some, { correlation: 0.7 });
reportNumbers('a tenth worse, at the limit', some, { correlation: 0.95, factor: 1.1 });
reportNumbers('a quarter worse', some, { correlation: 0.95, factor: 1.25 });
reportNumbers('far off on 10 % of the rows', some, { correlation: 0.95, broken: 0.1 });
