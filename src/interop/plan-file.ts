/** The plan of a rollout as YAML, see samples/rollout.yml. */
import { z } from 'zod';
import { nameProblem, type NamedThing } from '../rollout/names.js';
import { planProblem, weightsProblem, type Hold, type Plan } from '../rollout/plan.js';
import { gateChoices } from './plan-gates.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';

const named = (what: NamedThing) =>
  z.string().superRefine((name, check) => {
    const problem = nameProblem(what, name);
    if (problem) check.addIssue({ code: 'custom', message: problem.replace(/\.$/, '') });
  });

const model = z
  .strictObject({
    name: named('model'),
    version: z.union([z.string(), z.int()]).transform(String).pipe(named('version')).optional(),
    path: z.string().min(1).optional(),
  })
  .refine(
    ({ version, path }) => (version === undefined) !== (path === undefined),
    'give either a version that is registered, or the path of a folder to register',
  );

const deployment = z.strictObject({
  name: named('deployment'),
  model,
  instanceType: z.string().min(1).optional(),
  instanceCount: z.int('use a whole number').min(1).max(50).optional(),
});

const SECONDS = { s: 1, m: 60, h: 3600 };
/** Longer than any watch that one program should keep. */
const LONGEST_HOLD_S = 24 * SECONDS.h;
const HOW_TO_HOLD =
  'use a time such as 30s, 10m or 2h (24h at most), or approval, or both in a list';

const holdPart = z.string(HOW_TO_HOLD).transform((text, check): Hold => {
  if (text === 'approval') return { approval: true };
  const [, count, unit] = /^(\d+)\s*([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds <= LONGEST_HOLD_S) return { seconds };
  check.addIssue({ code: 'custom', message: HOW_TO_HOLD });
  return z.NEVER;
});

const hold = z
  .union([holdPart, z.array(holdPart)], HOW_TO_HOLD)
  .transform((parts): Hold => Object.assign({}, ...[parts].flat()) as Hold);

const step = z.union(
  [z.number(), z.strictObject({ weight: z.number(), hold })],
  'use a share in percent, or {weight: 30, hold: 10m}',
);

const members = z.strictObject({
  version: z.literal(1, 'this program reads version 1'),
  endpoint: z.strictObject({
    name: named('endpoint'),
    auth: z
      .enum(['key', 'aml_token', 'aad_token'], 'use key, aml_token or aad_token')
      .default('key'),
  }),
  blue: deployment.required({ instanceType: true }).optional(),
  green: deployment,
  evidence: z
    .strictObject({
      csv: z.string().min(1),
      rows: z.int('use a whole number').min(1).max(10_000).default(300),
      seed: z.int('use a whole number').min(0).max(2_147_483_647).default(4711),
      target: z.string().optional(),
    })
    .optional(),
  gates: gateChoices.optional(),
  weights: z
    .array(step)
    .superRefine((steps, check) => {
      const problem = weightsProblem(steps.map(weightOf));
      if (problem) check.addIssue({ code: 'custom', message: problem });
    })
    .default([10, 30, 50, 80, 100]),
  hold: hold.optional(),
  probes: z.int('use a whole number').min(0).max(100_000).optional(),
  onFail: z.enum(['rollback', 'hold'], 'use rollback or hold').optional(),
  retire: z
    .union(
      [z.enum(['keep', 'scale-to-one']), z.strictObject({ delete: named('deployment') })],
      'use keep, scale-to-one, or {delete: NAME} with the name of the deployment to delete',
    )
    .default('keep'),
  ...proofMembers,
});

const schema = members.superRefine(({ weights, steps }, check) => {
  const wrong = stepsProblem(weights, steps ?? []);
  if (wrong) {
    const path = ['steps', wrong.index, 'at'];
    check.addIssue({ code: 'custom', message: wrong.problem, path });
  }
});

const weightOf = (each: z.output<typeof step>): number =>
  typeof each === 'number' ? each : each.weight;

type Loose<T> = { [K in keyof T]: T[K] extends object ? Loose<T[K]> : T[K] };

/** Members that are `undefined` are absent, as the types say. */
function withoutUndefined<T>(value: Loose<T>): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** @throws FileProblem with every problem's line and column. */
export function readPlanFile(content: string, fileName: string): Plan {
  const { value, where } = parseYamlFile(content, fileName, schema);
  const { version: _, weights, ...rest } = value;
  const holds = Object.fromEntries(
    weights.flatMap((each) => (typeof each === 'number' ? [] : [[each.weight, each.hold]])),
  ) as Record<number, Hold>;
  const plan = withoutUndefined<Plan>({
    ...rest,
    weights: weights.map(weightOf),
    ...(Object.keys(holds).length > 0 && { holds }),
  } as Loose<Plan>);
  const problem = planProblem(plan);
  if (problem) throw new FileProblem([`${where([])}: ${problem}.`]);
  return plan;
}
