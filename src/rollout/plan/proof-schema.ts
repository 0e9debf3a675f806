/** The members of a plan file that say what has to be proved; see samples/rollout.yml. */
import { z } from 'zod';
import { MOST_LOAD_SECONDS } from '../evidence/load-check.js';
import { MOST_MIRRORED } from '../changes/set-mirror.js';

const mode = z.enum(['enforce', 'warn', 'off'], 'use enforce, warn or off').optional();

const asShare = 'use a share, such as 5% or 0.05';

/** 0.05, or `5 %` as people write it. */
const share = z
  .preprocess(
    (value) => {
      const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) : null;
      return match ? Number(match[1]) / 100 : value;
    },
    z.number(asShare).min(0, asShare).max(1, asShare),
  )
  .optional();

const whole = (least: number) =>
  z.int('use a whole number').min(least, `use a whole number from ${least}`).optional();

const ratio = z.number('use a factor, such as 1.1').min(1, 'use a factor from 1').optional();
const amount = z.number('use a number').min(0, 'use a number from 0').optional();

/** Error probabilities: 0 would never fail, above a half would mostly be wrong. */
const alpha = z
  .number('use a probability, such as 0.05')
  .gt(0, 'use a probability above 0')
  .max(0.5, 'use a probability up to 0.5')
  .optional();

/** `labels: off` is short for `labels: {mode: off}`. */
const gate = <M extends z.ZodRawShape>(members: M) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? { mode: value } : value),
      z.strictObject({ mode, ...members }),
    )
    .optional();

const gates = z
  .strictObject({
    output: z
      .enum(['auto', 'labels', 'scores', 'numbers'], 'use auto, labels, scores or numbers')
      .optional(),
    alpha,
    contract: gate({}),
    errors: gate({
      margin: share,
      early: z
        .strictObject({
          failures: whole(1).unwrap(),
          rows: whole(1).unwrap(),
        })
        .optional(),
    }),
    latency: gate({
      ratio,
      addedMs: amount,
      measure: z.enum(['wall', 'model'], 'use wall or model').optional(),
    }),
    latencyP95: gate({ ratio, rows: whole(72) }),
    capacity: gate({ limit: share }),
    labels: gate({ limit: share }),
    scores: gate({ limit: share }),
    numbers: gate({ absolute: amount, relative: share, limit: share }),
    accuracy: gate({ margin: share }),
    absoluteError: gate({ relative: share }),
    split: gate({ alpha, probes: whole(1) }),
    liveLatency: gate({ ratio, minutes: whole(1), of: whole(1), requests: whole(1) }),
    liveErrors: gate({ margin: share }),
    liveCapacity: gate({ limit: share }),
  })
  .optional();

const holds = z
  .strictObject({
    minutes: amount,
    requests: whole(0),
    approval: z.boolean('use true or false').optional(),
  })
  .optional();

const reaction = z.enum(['hold', 'rollback'], 'use hold or rollback').optional();

const mirroredShare = `use a whole number from 1 to ${MOST_MIRRORED}: Azure mirrors no more`;
const loadSeconds = `use seconds from 1 to ${MOST_LOAD_SECONDS}`;

const MOST_SEED = 2_147_483_647;
const seed = `use a whole number from 0 to ${MOST_SEED}`;

/** Of one proof. */
const MOST_ROWS = 10_000;
const sentRows = `use a whole number from 1 to ${MOST_ROWS}`;

const inFlight = 'use a whole number from 1 to 64';

/** The member `evidence`. */
export const evidenceMember = z
  .strictObject({
    csv: z.string().min(1),
    rows: z.int(sentRows).min(1, sentRows).max(MOST_ROWS, sentRows).default(300),
    seed: z.int(seed).min(0, seed).max(MOST_SEED, seed).default(4711),
    target: z.string().optional(),
    inFlight: z.int(inFlight).min(1, inFlight).max(64, inFlight).optional(),
    loadCheck: z
      .strictObject({
        seconds: z
          .number(loadSeconds)
          .min(1, loadSeconds)
          .max(MOST_LOAD_SECONDS, loadSeconds)
          .optional(),
        rate: z.number('use requests a minute').gt(0, 'use requests a minute').optional(),
      })
      .optional(),
  })
  .optional();

const percent = 'use a share in percent, from 0 to 100';

/** To be spread into the plan's object. */
export const proofMembers = {
  gates,
  holds,
  mirror: z
    .strictObject({
      percent: z.int(mirroredShare).min(1, mirroredShare).max(MOST_MIRRORED, mirroredShare),
      minutes: z.number('use a number').gt(0, 'use a number above 0'),
    })
    .optional(),
  probes: z.strictObject({ count: whole(0), budget: whole(0) }).optional(),
  steps: z
    .array(z.strictObject({ at: z.int(percent).min(0, percent).max(100, percent), gates, holds }))
    .optional(),
  onFail: reaction,
  onUnwatched: reaction,
};
