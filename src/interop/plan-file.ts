/** The plan of a rollout as YAML, see samples/rollout.yml. */
import { z } from 'zod';
import { nameProblem, type NamedThing } from '../rollout/names.js';
import { evidenceMember, proofMembers } from '../rollout/plan/proof-schema.js';
import { stepsProblem } from '../rollout/plan/proof.js';
import { planProblem, weightsProblem, type Plan } from '../rollout/plan.js';
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
  evidence: evidenceMember,
  weights: z
    .array(z.number())
    .superRefine((weights, check) => {
      const problem = weightsProblem(weights);
      if (problem) check.addIssue({ code: 'custom', message: problem });
    })
    .default([10, 30, 50, 80, 100]),
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

type Loose<T> = { [K in keyof T]: T[K] extends object ? Loose<T[K]> : T[K] };

/** Members that are `undefined` are absent, as the types say. */
function withoutUndefined<T>(value: Loose<T>): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** @throws FileProblem with every problem's line and column. */
export function readPlanFile(content: string, fileName: string): Plan {
  const { value, where } = parseYamlFile(content, fileName, schema);
  const { version: _, ...rest } = value;
  const plan = withoutUndefined<Plan>(rest as Loose<Plan>);
  const problem = planProblem(plan);
  if (problem) throw new FileProblem([`${where([])}: ${problem}.`]);
  return plan;
}
