/** The plan of a rollout as YAML, see samples/rollout.yml. */
import { registryModelId } from '../common/model-ref.js';
import * as z from 'zod';
import { nameProblem, type NamedThing } from '../rollout/names.js';
import { evidenceMember, proofMembers, withoutOldKeys } from '../rollout/plan/proof-schema.js';
import { budgetProblem, delayProblem, stepsProblem } from '../rollout/plan/proof.js';
import { parseModelSource } from '../rollout/model-source.js';
import {
  LATEST,
  planProblem,
  weightsProblem,
  type Plan,
  type PlannedDeployment,
} from '../rollout/plan.js';
import { deploymentFrom, endpointFrom, type NamedFiles } from './rollout-files.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';

const named = (what: NamedThing) =>
  z.string().superRefine((name, check) => {
    const problem = nameProblem(what, name);
    if (problem) check.addIssue({ code: 'custom', message: problem.replace(/\.$/, '') });
  });

const model = z
  .strictObject({
    name: named('model'),
    version: z
      .string()
      .transform((text) => (/^@?latest$/i.test(text) ? LATEST : text))
      .refine((text) => text === LATEST || nameProblem('version', text) === undefined, {
        error: 'use the number or name of a version, or latest',
      })
      .optional(),
    path: z.string().min(1).optional(),
    /** Where Azure can read it already: a job's output, a run's artifact, a datastore. */
    uri: z.string().superRefine(checkPlace).optional(),
    registry: z.string().min(1).optional(),
  })
  .refine(
    ({ version, path, uri, registry }) =>
      registry === undefined
        ? [version, path, uri].filter((each) => each !== undefined).length === 1
        : version !== undefined && version !== LATEST && path === undefined && uri === undefined,
    'use either a version that is registered, or latest, or the path of a folder to register, or a uri in Azure, or a registry and a version',
  )
  .transform(({ registry, ...given }) =>
    registry === undefined || given.version === undefined
      ? given
      : {
          ...given,
          uri: registryModelId({ registry, name: given.name, version: given.version }),
        },
  );

function checkPlace(uri: string, check: z.RefinementCtx): void {
  const source = parseModelSource(uri);
  const problem =
    typeof source === 'string'
      ? source.replace(/\.$/, '')
      : source.from === 'registered'
        ? 'write a registered model as name and version, not as a uri'
        : undefined;
  if (problem !== undefined) check.addIssue({ code: 'custom', message: problem });
}

const deployment = z
  .strictObject({
    /** A deployment.yml; what is beside it goes before what it says. */
    file: z.string().min(1).optional(),
    name: named('deployment').optional(),
    model: model.optional(),
    instanceType: z.string().min(1).optional(),
    instanceCount: z.int('use a whole number').min(1).max(50).optional(),
    package: z.boolean('use true or false').optional(),
    egressPublicNetworkAccess: z
      .enum(['enabled', 'disabled'], 'use enabled or disabled')
      .optional(),
  })
  .superRefine((value, check) => {
    if (value.file !== undefined) return;
    for (const key of ['name', 'model'] as const) {
      if (value[key] === undefined) {
        check.addIssue({ code: 'custom', message: `${key} is missing; add it, or name a file` });
      }
    }
  });

/** All of a plan file; the wizard reads a part of them. */
export const planMembers = z.strictObject({
  version: z.literal(1, 'this program reads version 1'),
  endpoint: z
    .strictObject({
      /** An endpoint.yml. */
      file: z.string().min(1).optional(),
      name: named('endpoint').optional(),
      auth: z.enum(['key', 'aml_token', 'aad_token'], 'use key, aml_token or aad_token').optional(),
    })
    .refine(
      ({ file, name }) => file !== undefined || name !== undefined,
      'name is missing; add it, or name a file',
    ),
  blue: deployment
    .refine(
      ({ file, instanceType }) => file !== undefined || instanceType !== undefined,
      'instanceType is missing; add it, or name a file',
    )
    .optional(),
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

/** Exceptions have to be for steps that there are, and a step must be possible to pass. */
export function checkSteps(
  {
    weights,
    steps,
    holds,
    checks,
    gates,
    probes,
  }: Pick<
    z.output<typeof planMembers>,
    'weights' | 'steps' | 'holds' | 'checks' | 'gates' | 'probes'
  >,
  check: z.RefinementCtx,
): void {
  const few = budgetProblem({ gates, steps, probes }, weights);
  if (few !== undefined) {
    check.addIssue({ code: 'custom', message: few, path: ['probes', 'budget'] });
  }
  const late = delayProblem({ holds, steps, checks }, weights);
  if (late) {
    const path = ['checks', late.index, 'delaySeconds'];
    check.addIssue({ code: 'custom', message: late.problem, path });
  }
  const wrong = stepsProblem(weights, steps ?? []);
  if (wrong) {
    const path = ['steps', wrong.index, 'at'];
    check.addIssue({ code: 'custom', message: wrong.problem, path });
  }
}

const schema = planMembers.superRefine(checkSteps);

type Loose<T> = { [K in keyof T]: T[K] extends object ? Loose<T[K]> : T[K] };

/** Members that are `undefined` are absent, as the types say. */
function withoutUndefined<T>(value: Loose<T>): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

type PlanFile = z.output<typeof schema>;

/** The plan with what its `file` members name. */
function withFiles(
  { version: _, endpoint: { file, ...said }, blue, green, ...rest }: PlanFile,
  files: NamedFiles,
): Plan {
  const read = file === undefined ? undefined : endpointFrom(file, files, said.name);
  const name = said.name ?? read?.name ?? '';
  const endpoint = { ...read, name, auth: said.auth ?? read?.auth ?? 'key' };
  const whole = ({ file: path, ...own }: NonNullable<PlanFile['blue']>) => {
    const given = withoutUndefined<Partial<PlannedDeployment>>(own);
    return path === undefined ? given : deploymentFrom(path, files, name, given);
  };
  const plan = { ...rest, endpoint, ...(blue && { blue: whole(blue) }), green: whole(green) };
  return withoutUndefined<Plan>(plan as Loose<Plan>);
}

const NO_FILES: NamedFiles = {
  folder: '',
  open: (path) => {
    throw new FileProblem([`${path} can't be read from here: copy its values into the plan.`]);
  },
  note: () => {},
};

/**
 * @param files reads the endpoint.yml and deployment.yml that the plan names
 * @throws FileProblem with every problem's line and column.
 */
export function readPlanFile(content: string, fileName: string, files = NO_FILES): Plan {
  const { value, where } = parseYamlFile(content, fileName, schema);
  const said = withoutOldKeys(value, (text) => files.note(`${fileName}: ${text}`));
  const plan = withFiles(said, files);
  const problem = planProblem(plan);
  if (problem) throw new FileProblem([`${where([])}: ${problem}.`]);
  return plan;
}
