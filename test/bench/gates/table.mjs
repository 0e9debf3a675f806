// What is measured, and what it has to be. Each row runs a rollout's moves with seeds 1, 2, 3, … and
// counts how often something happened.
import { holdOf, proofOf, rolloutOf, splitOf } from './rollouts.mjs';

const stopped = ({ outcome }) => outcome === 'stop';
const promoted = ({ outcome }) => outcome === 'promote';
const held = ({ outcome }) => outcome !== 'stop' && outcome !== 'promote';
const most = (percent) => ({ most: percent / 100 });
const least = (percent) => ({ least: percent / 100 });

/** A row for each of some questions about the same runs. */
const row = (name, run, asks, { weight = 1, only } = {}) => ({ name, run, asks, weight, only });
const proof = (name, kind, asks, more) => row(name, (seed) => proofOf(seed, kind), asks, more);
const split = (name, kind, asks, more) => row(name, (seed) => splitOf(seed, kind), asks, more);
const hold = (name, kind, asks, more) => row(name, (seed) => holdOf(seed, kind), asks, more);

const numbers = (name, kind, asks) =>
  proof(name, { errors: 0, rows: 303, planned: 303, numbers: kind }, asks);

const indexes = (name, kind, asks) =>
  proof(name, { errors: 0, rows: 600, planned: 600, indexes: kind }, asks);

const isError =
  (gate) =>
  ({ verdicts }) =>
    verdicts.some((each) => each.gate === gate && each.verdict === 'error');

const ask = (what, hit, target) => ({ what, hit, target });
const stops = (target) => ask('stopped', stopped, target);
const promotes = (target) => ask('promoted', promoted, target);
const holds = (target) => ask('held', held, target);
const HARMLESS = stops(most(1));

/** Runs are dear with a large file: so many for one of the others. */
const LARGE = { weight: 0.1 };
const LONG = { weight: 0.5 };

export const GROUPS = [
  {
    title: 'A harmless green before live traffic, file of 10,000 rows',
    rows: [
      proof('no errors', { errors: 0, rows: 10_000 }, [HARMLESS, promotes(least(95))], LONG),
      proof('0.2% errors on both', { rows: 10_000 }, [HARMLESS, promotes(least(95))], LONG),
      proof(
        '1% errors on both',
        { errors: 0.01, rows: 10_000 },
        [HARMLESS, promotes(least(90))],
        LONG,
      ),
      proof(
        '2% errors on both',
        { errors: 0.02, rows: 10_000 },
        [HARMLESS, promotes(least(90))],
        LONG,
      ),
      proof(
        'churn of 1% of the answers',
        { churn: 0.01, rows: 10_000 },
        [HARMLESS, promotes(least(90))],
        LONG,
      ),
      proof('churn of 5%', { churn: 0.05, rows: 10_000 }, [HARMLESS, promotes(least(90))], LARGE),
      proof('churn of 10%', { churn: 0.1, rows: 10_000 }, [HARMLESS, promotes(least(90))], LARGE),
    ],
  },
  {
    title: 'A harmless green before live traffic, file of 300 rows',
    rows: [
      proof('no errors', { errors: 0 }, [HARMLESS, holds()]),
      proof('0.2% errors on both', {}, [HARMLESS, holds()]),
      proof('1% errors on both', { errors: 0.01 }, [HARMLESS, holds()]),
      proof('2% errors on both', { errors: 0.02 }, [HARMLESS, holds()]),
      proof('5% errors on both', { errors: 0.05 }, [HARMLESS]),
      proof('10% errors on both', { errors: 0.1 }, [HARMLESS]),
      proof('20% errors on both', { errors: 0.2 }, [HARMLESS]),
      proof('20% of the rows fail on both', { shared: 0.2, errors: 0 }, [
        HARMLESS,
        promotes(least(95)),
      ]),
      proof('file of 44 rows', { rows: 44 }, [HARMLESS, holds()]),
      proof('churn of 5%', { churn: 0.05 }, [HARMLESS, holds()]),
      proof('heavy tails of latency', { errors: 0, tail: true }, [HARMLESS, promotes(least(90))]),
      proof('both grow slower, to twice', { errors: 0, drift: 1 }, [HARMLESS, promotes(least(90))]),
      proof('pauses: 1 call in 50 takes ten times as long', { errors: 0, pauses: 0.02 }, [
        HARMLESS,
        promotes(least(90)),
      ]),
      proof('noise goes with the call before, 0.9', { errors: 0, ar: 0.9 }, [stops(most(5))]),
      proof('noise goes with the call before, 0.95', { errors: 0, ar: 0.95 }, [stops(most(5))]),
      proof('noise goes with the call before, 0.98', { errors: 0, ar: 0.98 }, [stops(most(5))]),
      proof('cold start of 30 calls', { errors: 0, cold: 30 }, [
        HARMLESS,
        ask(
          'said so',
          ({ verdicts }) => verdicts.some(({ why }) => why.includes('cold start')),
          least(95),
        ),
      ]),
      proof('cold start of 10 calls', { errors: 0, cold: 10 }, [HARMLESS]),
    ],
  },
  {
    title: 'Inside, at and beyond a limit, 3,000 rows',
    rows: [
      proof(
        'errors +0.9 pp of 1 pp',
        { green: 0.011, rows: 3000, planned: 3000 },
        [stops(most(5))],
        LARGE,
      ),
      proof(
        'errors +1 pp of 1 pp',
        { green: 0.012, rows: 3000, planned: 3000 },
        [stops(most(5)), promotes(most(5))],
        LARGE,
      ),
      proof(
        'errors +1 pp, rounds from 300 rows on',
        { green: 0.012, rows: 3000 },
        [stops(most(5)), promotes(most(5))],
        LONG,
      ),
      proof(
        'errors +3 pp',
        { green: 0.032, rows: 3000 },
        [promotes(most(1)), stops(least(95))],
        LARGE,
      ),
      proof('errors +10 pp', { green: 0.102, rows: 3000 }, [stops(least(99))]),
      proof(
        'accuracy −1.5 pp of 2 pp',
        { lost: 0.015, errors: 0, rows: 3000, planned: 3000 },
        [stops(most(5))],
        LARGE,
      ),
      proof(
        'accuracy −2 pp of 2 pp',
        { lost: 0.02, errors: 0, rows: 3000, planned: 3000 },
        [stops(most(5)), promotes(most(5))],
        LARGE,
      ),
      proof(
        'accuracy −23 pp (heart-classifier 3), 303 rows',
        { lost: 0.31, won: 0.08, rows: 303 },
        [stops(least(99))],
      ),
      proof('latency 1.05x', { latency: 1.05, baseMs: 200, errors: 0 }, [
        stops(most(1)),
        promotes(least(80)),
      ]),
      proof(
        'latency 1.10x of 1.10x',
        { latency: 1.1, baseMs: 200, errors: 0, rows: 1000 },
        [stops(most(5)), promotes(most(10))],
        LONG,
      ),
      proof(
        'latency 1.25x',
        { latency: 1.25, baseMs: 200, errors: 0, rows: 1000 },
        [promotes(most(1)), stops(least(90))],
        LONG,
      ),
      proof('latency 1.25x, noise 0.95', { latency: 1.25, baseMs: 200, errors: 0, ar: 0.95 }, [
        promotes(most(5)),
      ]),
    ],
  },
  {
    title: 'Numbers with truth: a mean absolute error of 10% more is allowed, 303 rows',
    rows: [
      numbers('as good, errors correlate 0.95', { correlation: 0.95 }, [
        HARMLESS,
        promotes(least(95)),
      ]),
      numbers('as good, errors correlate 0.7', { correlation: 0.7 }, [HARMLESS, holds()]),
      numbers('a tenth worse, at the limit', { correlation: 0.95, factor: 1.1 }, [
        stops(most(5)),
        promotes(most(10)),
      ]),
      numbers('a quarter worse', { correlation: 0.95, factor: 1.25 }, [stops(least(95))]),
      numbers('far off on 10% of the rows', { correlation: 0.95, broken: 0.1 }, [stops(least(95))]),
      numbers('as good, 1 target in 50 is -999999', { correlation: 0.95, wrong: 0.02 }, [
        HARMLESS,
        promotes(least(90)),
      ]),
      numbers(
        'half as bad again, 1 target in 50 is -999999',
        { correlation: 0.95, factor: 1.5, wrong: 0.02 },
        [promotes(most(1)), stops(least(95))],
      ),
      numbers(
        'as good, blue alone far off on 1% of the rows',
        { correlation: 0.95, blueOff: 0.01 },
        [HARMLESS, promotes(least(90))],
      ),
      numbers(
        'half as bad again, blue alone far off on 1%',
        { correlation: 0.95, factor: 1.5, blueOff: 0.01 },
        [promotes(most(1)), stops(least(95))],
      ),
      numbers('as good, heavy tails, errors correlate 0.95', { correlation: 0.95, tails: true }, [
        HARMLESS,
        holds(),
      ]),
      numbers('as good, heavy tails, errors correlate 0.7', { correlation: 0.7, tails: true }, [
        HARMLESS,
        holds(),
      ]),
      numbers('a tenth worse, heavy tails', { correlation: 0.95, factor: 1.1, tails: true }, [
        stops(most(5)),
        promotes(most(10)),
      ]),
      numbers('half as bad again, heavy tails', { correlation: 0.95, factor: 1.5, tails: true }, [
        promotes(most(1)),
        stops(least(95)),
      ]),
      numbers('green answers Infinity on 2% of the rows', { correlation: 0.95, infinite: 0.02 }, [
        promotes(most(1)),
      ]),
    ],
  },
  {
    title: 'Indexes of the classes 1, 2 and 3, named by the plan; 80% of the rows are of class 1',
    rows: [
      indexes('as good', { order: ['1', '2', '3'] }, [HARMLESS, promotes(least(95))]),
      indexes('20% of the answers lost', { order: ['1', '2', '3'], lost: 0.2 }, [stops(least(95))]),
      indexes('the two rare classes in the wrong order', { order: ['1', '3', '2'] }, [
        ask('error', isError('accuracy'), least(95)),
        promotes(most(1)),
      ]),
    ],
  },
  {
    title: 'Connections that end',
    rows: [
      proof('5% of the rows on both', { errors: 0, rows: 600, gone: { blue: 0.05, green: 0.05 } }, [
        HARMLESS,
        promotes(least(90)),
      ]),
      proof('20% of the rows on green alone', { errors: 0, gone: { green: 0.2 } }, [
        promotes(most(1)),
        ask('error', isError('errors'), least(95)),
      ]),
      proof('half of the rows on blue alone', { errors: 0, gone: { blue: 0.5 } }, [HARMLESS]),
    ],
  },
  {
    title: 'More rows, exactly those that were asked for, settle it',
    rows: [
      proof(
        'of those that ask, 0.2% errors',
        { rows: 10_000 },
        [ask('settled', ({ rounds }) => (rounds > 0 ? rounds === 1 : undefined), least(80))],
        LONG,
      ),
      proof(
        'of those that ask, 1% errors',
        { errors: 0.01, rows: 10_000 },
        [ask('settled', ({ rounds }) => (rounds > 0 ? rounds === 1 : undefined), least(80))],
        LARGE,
      ),
      proof(
        'of those that ask, churn of 3%',
        { errors: 0, churn: 0.03, rows: 10_000 },
        [ask('settled', ({ rounds }) => (rounds > 0 ? rounds === 1 : undefined), least(80))],
        LARGE,
      ),
    ],
  },
  {
    title: 'Everything fails: a verdict within one look',
    rows: [
      ...['500', '424', '404', '400', '429', 'half a JSON', 'gone'].map((dead) =>
        proof(
          `rows, green answers ${dead}`,
          { dead },
          [
            ask(
              'stopped, at most 20 rows to green and 140 to blue',
              (run) => stopped(run) && run.asked.green <= 20 && run.asked.blue <= 140,
              least(100),
            ),
          ],
          { only: 3 },
        ),
      ),
      ...['500', '404', 'gone'].map((bothDead) =>
        proof(
          `rows, both answer ${bothDead}`,
          { bothDead },
          [
            ask(
              'stopped, at most 20 rows to each',
              (run) => stopped(run) && run.asked.green <= 20 && run.asked.blue <= 20,
              least(100),
            ),
          ],
          { only: 3 },
        ),
      ),
      ...['500', '404', '429', 'half a JSON', 'gone'].map((bothDead) =>
        split(
          `probes at 10%, all answer ${bothDead}`,
          { configured: 10, bothDead },
          [
            ask(
              'stopped, at most 20 probes',
              (run) => stopped(run) && run.probes <= 20,
              least(100),
            ),
          ],
          { only: 3 },
        ),
      ),
      ...['500', '404', 'gone'].map((dead) =>
        split(
          `probes at 100%, green answers ${dead}`,
          { configured: 100, dead },
          [
            ask(
              'stopped, at most 20 probes',
              (run) => stopped(run) && run.probes <= 20,
              least(100),
            ),
          ],
          { only: 3 },
        ),
      ),
      proof('half of green fails: the watch is the verdict', { green: 0.5 }, [
        ask('stopped within 60 rows', (run) => stopped(run) && run.rows <= 60, least(95)),
      ]),
    ],
  },
  {
    title: 'The split, probes of the default plan',
    rows: [
      split('10% served as 10%', { configured: 10 }, [HARMLESS, promotes(least(95))]),
      split('10% served as 10%, router per connection', { configured: 10, perConnection: true }, [
        HARMLESS,
        promotes(least(95)),
      ]),
      split('10% served as 20%', { configured: 10, served: 20 }, [stops(least(90))]),
      split('10% served as 0%', { configured: 10, served: 0 }, [stops(least(99))]),
      split('10% served as 50%', { configured: 10, served: 50 }, [stops(least(99))]),
      split('50% served as 50%', { configured: 50 }, [HARMLESS, promotes(least(95))]),
      split('50% served as 80%', { configured: 50, served: 80 }, [stops(least(99))]),
      split('1% served as 1%', { configured: 1 }, [HARMLESS, promotes(least(95))]),
      split('3% of all answers fail', { configured: 50, errors: 0.03 }, [HARMLESS]),
    ],
  },
  {
    title: 'Live minutes',
    rows: [
      hold(
        '100%, as blue before with 3% errors, 5 min',
        { share: 100, errors: 0.03, perMinute: 120 },
        [HARMLESS],
      ),
      hold(
        '100%, as blue before with 10% errors, an hour',
        { share: 100, errors: 0.1, minutes: 60, perMinute: 120 },
        [HARMLESS],
      ),
      hold(
        '100%, 8% errors after 3%, 30 min',
        { share: 100, errors: 0.03, green: 0.08, minutes: 30, perMinute: 120 },
        [stops(least(90))],
      ),
      hold(
        '100%, everything fails, 5 min',
        { share: 100, dead: '500', perMinute: 120 },
        [stops(least(100))],
        { only: 5 },
      ),
      hold(
        '10%, no difference, 2 h',
        { share: 10, minutes: 120, perMinute: 300 },
        [HARMLESS],
        LONG,
      ),
      hold(
        '50%, no difference, 2% errors, 2 h',
        { share: 50, errors: 0.02, minutes: 120 },
        [HARMLESS],
        LONG,
      ),
      hold(
        '50%, +1 pp errors of 1 pp, 2 h',
        { share: 50, errors: 0.01, green: 0.02, minutes: 120 },
        [stops(most(5))],
        LONG,
      ),
      hold(
        '10%, +5 pp errors, 300 a minute, an hour',
        { share: 10, green: 0.052, minutes: 60, perMinute: 300 },
        [stops(least(90))],
        LONG,
      ),
      hold(
        '50%, p95 1.4x of 1.5x, 2 h',
        { share: 50, latency: 1.4, minutes: 120, perMinute: 200 },
        [stops(most(5))],
        LONG,
      ),
      hold(
        '50%, p95 1.5x of 1.5x, 2 h',
        { share: 50, latency: 1.5, minutes: 120, perMinute: 200 },
        [stops(most(5))],
        LONG,
      ),
      hold(
        '50%, p95 2x, 30 min',
        { share: 50, latency: 2, minutes: 30, perMinute: 200 },
        [stops(least(95))],
        LONG,
      ),
    ],
  },
  {
    title: 'End to end: proof, then the split and a hold of 5 min at 10%, 50% and 100%',
    rows: [
      row(
        'A/A, 0.2% errors, file of 2,000 rows',
        (seed) => rolloutOf(seed, { rows: 2000, perMinute: 60 }),
        [HARMLESS, promotes(least(80))],
        { weight: 1, only: 'rollouts' },
      ),
    ],
  },
];
