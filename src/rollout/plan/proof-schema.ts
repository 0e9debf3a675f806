/** The members of a plan file that say what has to be proved; see samples/rollout.yml. */
import * as z from 'zod';
import { OUTPUTS } from '../evidence/output/meaning.js';
import { rule } from '../evidence/gates/gate.js';
import { REGISTRY, type GateName } from '../evidence/gates/registry.js';
import { MOST_LOAD_SECONDS } from '../evidence/load-check.js';
import { MOST_MIRRORED } from '../changes/set-mirror.js';
import { checksMember } from '../checks/planned.js';
import { notifyMember } from '../../common/notice.js';
import { AUTOSCALE, type GateChanges } from './proof.js';
import { placeProblem } from './row-place.js';

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

const asList = (names: readonly string[]): string =>
  `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;

/** What `gates.output` could say before `evidence.output` took its place. */
const OLD_OUTPUTS = ['auto', 'labels', 'scores', 'numbers'] as const;

const gates = z
  .strictObject({
    output: z.enum(OLD_OUTPUTS, `use ${asList(OLD_OUTPUTS)}`).optional(),
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

/** A name as the file has it; YAML reads some as numbers. */
const word = z
  .union([z.string().min(1), z.number(), z.boolean()], 'use a name')
  .transform((name) => String(name));
const classList = 'use a list of two or more classes, for example [no, yes]';

const rowPlace = z
  .string('use a file, a data asset or collected:24h')
  .min(1)
  .superRefine((rows, check) => {
    const problem = placeProblem(rows);
    if (problem !== undefined) check.addIssue({ code: 'custom', message: problem });
  });

const evidenceObject = z.strictObject({
  /** Where the rows lie. */
  data: rowPlace.optional(),
  /** Its older name. */
  csv: rowPlace.optional(),
  rows: z.int(sentRows).min(1, sentRows).max(MOST_ROWS, sentRows).default(300),
  seed: z.int(seed).min(0, seed).max(MOST_SEED, seed).default(4711),
  target: z.string().optional(),
  renames: z.record(z.string(), z.string()).optional(),
  keepDefaultNa: z.boolean('use true or false').optional(),
  output: z.enum(OUTPUTS, `use ${asList(OUTPUTS)}`).optional(),
  classes: z
    .array(word, classList)
    .min(2, classList)
    .refine((names) => new Set(names).size === names.length, 'name each class once')
    .optional(),
  label: word.optional(),
  score: word.optional(),
  inFlight: z.int(inFlight).min(1, inFlight).max(64, inFlight).optional(),
  loadCheck: z
    .strictObject({
      seconds: z
        .number(loadSeconds)
        .min(1, loadSeconds)
        .max(MOST_LOAD_SECONDS, loadSeconds)
        .optional(),
      rate: z.number('use requests per minute').gt(0, 'use requests per minute').optional(),
    })
    .optional(),
});

type Placed = { data?: string | undefined; csv?: string | undefined };

/** One place, whichever of its two names it has. */
function onePlace<T extends Placed>({ data, csv, ...rest }: T, check: z.RefinementCtx) {
  if (data !== undefined && csv !== undefined) {
    const message = 'csv is an older name of data: write one of them';
    check.addIssue({ code: 'custom', message, path: ['csv'] });
  }
  const place = data ?? csv;
  return { ...rest, ...(place !== undefined && { csv: place }) };
}

/** The member `evidence` of a whole plan. */
export const evidenceMember = evidenceObject
  .superRefine(({ data, csv }, check) => {
    if (data === undefined && csv === undefined) {
      check.addIssue({ code: 'custom', message: 'data is missing: name a file or a data asset' });
    }
  })
  .transform((value, check) => ({ csv: '', ...onePlace(value, check) }))
  .optional();

/** Of a part of a plan, which may leave the rows to the screen. */
export const partOfEvidence = evidenceObject.partial().transform(onePlace).optional();

const percent = 'use a percentage from 0 to 100';

/** To be spread into the plan's object. */
export const proofMembers = {
  autoscale: z.enum(AUTOSCALE, 'use copy or leave').optional(),
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
  checks: checksMember,
  onFail: reaction,
  onUnwatched: reaction,
  visibleVariables: z.array(z.string().min(1)).optional(),
  notify: notifyMember,
};

const OLD_OUTPUT_NOTE =
  'gates.output is an old key, read as evidence.output. Write evidence.output.';

interface WithOutput {
  gates?: { output?: (typeof OLD_OUTPUTS)[number] | undefined } | undefined;
  steps?: readonly { gates?: { output?: unknown } | undefined }[] | undefined;
  evidence?: { output?: (typeof OUTPUTS)[number] | undefined } | undefined;
}

/** Puts the answer's kind where it is now; `note` is told of the old place. */
export function withoutOldKeys<T extends WithOutput>(plan: T, note?: (text: string) => void): T {
  const { gates: { output, ...rest } = {}, steps, evidence } = plan;
  const inSteps = steps?.some((step) => step.gates?.output !== undefined) ?? false;
  if (output === undefined && !inSteps) return plan;
  note?.(OLD_OUTPUT_NOTE);
  return {
    ...plan,
    ...(plan.gates && { gates: rest }),
    ...(evidence && { evidence: { ...evidence, output: evidence.output ?? output } }),
    ...(steps && {
      steps: steps.map((step) => {
        const { output: _, ...own } = step.gates ?? {};
        return step.gates ? { ...step, gates: own } : step;
      }),
    }),
  };
}
