/** Which step asks which actions of Resource Manager, and which built-in role brings them. */
import type { AuthMode, Workspace } from '../../azure/types.js';
import type { PreflightFinding } from './finding.js';

const ML = 'Microsoft.MachineLearningServices/workspaces';
const SCIENTIST = 'AzureML Data Scientist on the workspace';

/** Steps that a plan may ask for: then it can't do without. */
export type AlsoNeeded = 'code' | 'environment' | 'retire';

interface StepNeeds {
  step: 'look' | 'register' | 'endpoint' | 'deployment' | 'test' | 'traffic' | 'watch' | AlsoNeeded;
  /** What a person would call it. */
  title: string;
  actions: readonly string[];
  role: string;
  /** Of a few rollouts only. */
  only?: AlsoNeeded;
  /** What a rollout has to do without; absent: it can't do without. */
  without?: string;
}

/** What a caller's secret takes: a key, a token, or, for Entra ID, the right to score. */
const SCORING: Record<AuthMode, string> = {
  key: `${ML}/onlineEndpoints/listKeys/action`,
  aml_token: `${ML}/onlineEndpoints/token/action`,
  aad_token: `${ML}/onlineEndpoints/score/action`,
};

/** Names of actions: Microsoft Learn, "Azure permissions for AI + machine learning". */
const stepNeeds = (auth: AuthMode): readonly StepNeeds[] => [
  {
    step: 'look',
    title: 'read the workspace',
    actions: [`${ML}/read`, `${ML}/models/read`, `${ML}/onlineEndpoints/read`],
    role: 'Reader on the workspace',
  },
  {
    step: 'register',
    title: 'register a model',
    actions: [`${ML}/datastores/read`, `${ML}/models/write`, `${ML}/models/versions/write`],
    role: SCIENTIST,
  },
  {
    step: 'code',
    title: 'register code',
    actions: [`${ML}/codes/versions/write`],
    role: SCIENTIST,
    only: 'code',
  },
  {
    step: 'environment',
    title: 'register an environment',
    actions: [`${ML}/environments/versions/write`],
    role: SCIENTIST,
    only: 'environment',
  },
  {
    step: 'endpoint',
    title: 'create an endpoint',
    actions: [`${ML}/onlineEndpoints/write`],
    role: SCIENTIST,
  },
  {
    step: 'deployment',
    title: 'create a deployment',
    actions: [`${ML}/onlineEndpoints/deployments/write`],
    role: SCIENTIST,
  },
  {
    step: 'test',
    title: 'send rows',
    actions: [SCORING[auth]],
    role: SCIENTIST,
  },
  {
    step: 'traffic',
    title: 'move traffic, roll back',
    actions: [`${ML}/onlineEndpoints/write`],
    role: SCIENTIST,
  },
  {
    step: 'watch',
    title: 'read metrics of live traffic',
    actions: ['Microsoft.Insights/metrics/read'],
    role: 'Monitoring Reader on the workspace',
    without: 'optional: the rollout then watches its own probes only',
  },
  {
    step: 'retire',
    title: 'delete blue',
    actions: [`${ML}/onlineEndpoints/deployments/delete`],
    role: SCIENTIST,
    without: 'optional: blue can be kept or scaled to one',
  },
];

/** All that a rollout needs on an endpoint whose callers sign in so. */
export const actionsFor = (auth: AuthMode, also: readonly AlsoNeeded[] = []): readonly string[] => [
  ...new Set(stepsOf(auth, also).flatMap(({ actions }) => actions)),
];

const stepsOf = (auth: AuthMode, also: readonly AlsoNeeded[]): StepNeeds[] =>
  stepNeeds(auth).filter(({ only }) => only === undefined || also.includes(only));

/** Before an endpoint is chosen, which is mostly one with keys. */
export const NEEDED_ACTIONS = actionsFor('key');

/** One row a step: allowed, or which action is missing and which role brings it. */
export function permissionFindings(
  missing: readonly string[],
  auth: AuthMode = 'key',
  also: readonly AlsoNeeded[] = [],
): PreflightFinding[] {
  return stepsOf(auth, also).map(({ step, title, actions, role, ...rest }): PreflightFinding => {
    const without = also.some((each) => each === step) ? undefined : rest.without;
    const lacking = actions.filter((action) => missing.includes(action));
    const what = 'permissions';
    if (lacking.length === 0) return { state: 'ok', what, detail: `${title}: allowed` };
    const detail = `${title}: this sign-in cannot ${lacking.join(', ')}`;
    return {
      state: without === undefined ? 'fail' : 'warn',
      what,
      detail: without === undefined ? detail : `${detail} (${without})`,
      advice: `Ask an owner for the role ${role}. A new role takes a few minutes.`,
      kind: 'forbidden',
    };
  });
}

/** The same for a person who has come to do a rollout: a sentence a role. */
export function permissionWarnings(missing: readonly string[]): string[] {
  const byRole = new Map<string, string[]>();
  const optional: string[] = [];
  for (const { title, actions, role, without } of stepsOf('key', [])) {
    const lacking = actions.filter((action) => missing.includes(action));
    if (lacking.length === 0) continue;
    if (without === undefined) byRole.set(role, [...(byRole.get(role) ?? []), title]);
    else optional.push(`Not allowed, and optional: ${title} (${lacking.join(', ')}), by ${role}.`);
  }
  return [
    ...[...byRole].map(
      ([role, titles]) => `This sign-in cannot ${titles.join(', ')}: ask for the role ${role}.`,
    ),
    ...optional,
  ];
}

/** What of one step is missing; asks Azure for nothing else. */
export async function stepPermission(
  step: StepNeeds['step'],
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding | undefined> {
  const steps = stepsOf('key', []);
  const needs = steps.find((each) => each.step === step);
  if (!needs) return undefined;
  const missing = await workspace.missingPermissions(needs.actions, signal);
  const at = steps.indexOf(needs);
  return permissionFindings(missing)[at];
}
