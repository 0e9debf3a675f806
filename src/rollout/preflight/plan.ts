/**
 * Every check that can be made before a plan's first write: its names, models, rows, and what the
 * workspace allows. Nothing is sent but reads. The wizard, `run` and `doctor` share them.
 */
import { sameName } from '../../common/same-name.js';
import type { Workspace } from '../../azure/types.js';
import { nameProblem } from '../names.js';
import { evidenceProblem, type Plan, type PlannedDeployment } from '../plan.js';
import { observe, type Snapshot } from '../snapshot.js';
import type { PreflightFinding } from './finding.js';
import type { AlsoNeeded } from './permissions.js';
import type { Planned } from './quota.js';
import { legacyFinding } from './subscription.js';
import { workspaceFindings } from './workspace.js';
import {
  assetFindings,
  attachmentFindings,
  endpointFindings,
  identityOf,
} from './planned-endpoint.js';
import { contractFindings, modelOf, signatureFor } from './planned-models.js';
import { rowFindings } from './planned-rows.js';
import { specsOf, toMake, type ToMake, type Work } from './planned-work.js';
import { fail } from './finding.js';

interface PreflightOptions {
  /** What was observed; looked up otherwise. */
  now?: Snapshot;
  signal?: AbortSignal;
}

/**
 * Findings in the order plan, models, rows, workspace. One that is `fail` is in the way: nothing
 * of the plan may be written. Rejects with an AzureError when the workspace can't be opened.
 * @param folder the plan's own, from which its paths are read
 */
export async function preflight(
  plan: Plan,
  workspace: Workspace,
  folder: string,
  { now: seen, signal }: PreflightOptions = {},
): Promise<PreflightFinding[]> {
  const names = nameFindings(plan);
  if (names.length > 0) return names;
  // Such a workspace does not even say which endpoints it has.
  const legacy = legacyFinding(seen?.workspace ?? (await workspace.info(signal)));
  if (legacy.length > 0) return legacy;
  const now = seen ?? (await observe(workspace, plan.endpoint.name, [], signal));
  const work: Work = { plan, workspace, folder, now, signal };
  const to = toMake(plan, now);
  const blue = to.blue ? plan.blue : undefined;
  const green = to.green ? plan.green : undefined;
  const specs = specsOf(work, to);
  // A package is built of the model's own environment.
  const environmentOf = (planned: PlannedDeployment | undefined): string | undefined => {
    const made = specs.find(({ name }) => name === planned?.name);
    return made?.packaged ? undefined : made?.spec.environment;
  };
  const models = await Promise.all([
    modelOf(work, blue?.model, { environment: environmentOf(blue) }),
    modelOf(work, green?.model, { before: blue?.model, environment: environmentOf(green) }),
  ]);
  const settings = [blue, green].flatMap((each) => each?.settings ?? []);
  const code = settings.flatMap(({ codeConfiguration }) => codeConfiguration ?? []);
  const found: PreflightFinding[] = [
    ...endpointFindings(work, to, specs),
    ...models.flatMap(({ findings }) => findings),
    ...(await assetFindings(work, settings)),
    ...(await contractFindings(work, models, to.standing)),
    ...(await attachmentFindings(work, to)),
    ...(await identityOf(
      work,
      specs.map(({ name, spec }) => ({ ...spec, name })),
    )),
    ...(await rowFindings(work, await signatureFor(work, models[1], to.standing), to.standing)),
  ];
  const intent = {
    endpoint: plan.endpoint.name,
    auth: now.endpoint?.authMode ?? plan.endpoint.auth,
    uploads:
      models.some(({ uploads }) => uploads) || code.some(({ folder }) => folder !== undefined),
    alsoNeeds: alsoNeededBy(plan, settings),
    cores: () => Promise.resolve(coresOf(plan, to)),
    adds: {
      endpoints: now.endpoint === undefined ? 1 : 0,
      deployments: Number(to.blue) + Number(to.green),
    },
  };
  for await (const finding of workspaceFindings(intent, workspace, now.workspace, signal)) {
    found.push(finding);
  }
  return found;
}

/** Rights beyond those that every rollout needs. */
function alsoNeededBy(
  { retire }: Plan,
  all: readonly NonNullable<PlannedDeployment['settings']>[],
): AlsoNeeded[] {
  const code = all.some(({ codeConfiguration }) => codeConfiguration?.folder !== undefined);
  const environment = all.some(({ environmentDefinition }) => environmentDefinition !== undefined);
  return [
    ...(code ? (['code'] as const) : []),
    ...(environment ? (['environment'] as const) : []),
    ...(typeof retire === 'object' ? (['retire'] as const) : []),
  ];
}

function nameFindings(plan: Plan): PreflightFinding[] {
  const { endpoint, blue, green } = plan;
  const unproved = evidenceProblem(plan);
  return [
    nameProblem('endpoint', endpoint.name),
    blue && nameProblem('deployment', blue.name),
    nameProblem('deployment', green.name),
    unproved,
  ]
    .filter((problem) => problem !== undefined)
    .map((problem) => fail('plan', problem));
}

/** Cores that are needed together, by instance type: blue and green run side by side. */
function coresOf({ blue, green }: Plan, to: ToMake): Planned[] {
  const beside = to.standing?.name ?? blue?.name;
  const wanted = [
    ...(to.blue && blue
      ? [{ title: blue.name, type: blue.instanceType, count: blue.instanceCount ?? 1 }]
      : []),
    ...(to.green
      ? [
          {
            title: `green${beside === undefined ? '' : ` beside ${beside}`}`,
            type: green.instanceType ?? to.standing?.instanceType ?? blue?.instanceType,
            count: green.instanceCount ?? to.standing?.instanceCount ?? blue?.instanceCount ?? 1,
          },
        ]
      : []),
  ].filter((each) => each.type !== undefined);
  const [first, second] = wanted;
  if (first && second && sameName(first.type, second.type)) {
    const instances = [first.count, second.count];
    return [{ title: 'blue and green together', instanceType: first.type ?? '', instances }];
  }
  return wanted.map(({ title, type = '', count }) => ({
    title,
    instanceType: type,
    instances: [count],
  }));
}
