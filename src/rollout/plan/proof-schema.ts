/** The members of a plan file that say what has to be proved; see samples/rollout.yml. */
import { z } from 'zod';
import { rule } from '../evidence/gates/gate.js';
import { REGISTRY, type GateName } from '../evidence/gates/registry.js';
import { MOST_LOAD_SECONDS } from '../evidence/load-check.js';
import { MOST_MIRRORED } from '../changes/set-mirror.js';
import type { GateChanges } from './proof.js';

const mode = z.enum(['enforce', 'warn', 'off'], 'use enforce, warn or off').optional();

/** `labels: off` is short for `labels: {mode: off}`. */
const gate = <M extends z.ZodRawShape>(members: M) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? { mode: value } : value),
      z.strictObject({ mode, ...members }),
    )
    .optional();

/** A member for each gate. */
const gateMembers = Object.fromEntries(
  REGISTRY.map(({ id, schema }) => [id, gate(schema)]),
) as unknown as { [K in GateName]: z.ZodType<GateChanges[K]> };

const gates = z
  .strictObject({
    output: z
      .enum(['auto', 'labels', 'scores', 'numbers'], 'use auto, labels, scores or numbers')
      .optional(),
    alpha: rule.probability,
    ...gateMembers,
  })
  .optional();

const holds = z
  .strictObject({
    minutes: rule.amount,
    requests: rule.whole(0),
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
    keepDefaultNa: z.boolean('use true or false').optional(),
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
  probes: z.strictObject({ count: rule.whole(0), budget: rule.whole(0) }).optional(),
  steps: z
    .array(z.strictObject({ at: z.int(percent).min(0, percent).max(100, percent), gates, holds }))
    .optional(),
  onFail: reaction,
  onUnwatched: reaction,
  visibleVariables: z.array(z.string().min(1)).optional(),
};
