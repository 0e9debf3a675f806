/** A whole rollout as one value: what `aml-rollout run` carries out. */
import { sameName } from '../common/same-name.js';
import type { AuthMode, DeploymentSpec, EndpointCreate } from '../azure/types.js';
import { GATE_NAMES, gateNeeds } from './evidence/gates/settings.js';
import { proofAt, type PlannedEvidence, type PlannedProof } from './plan/proof.js';

/** In place of a version: the one registered last, found when the model is needed. */
export const LATEST = '@latest';

export interface PlannedModel {
  name: string;
  /** A registered version or `LATEST`; beside `path` or `uri`, the version to register it as. */
  version?: string;
  /** A folder to register, relative to the plan's file. */
  path?: string;
  /** A place in Azure to register; a registry's model is served from there instead. */
  uri?: string;
  description?: string;
  tags?: Record<string, string>;
}

export interface PlannedDeployment {
  name: string;
  model: PlannedModel;
  /** Green without a size of its own takes blue's. */
  instanceType?: string;
  instanceCount?: number;
  /** Packages the model first (preview of Azure ML); green without it does as blue did. */
  package?: boolean;
  egressPublicNetworkAccess?: 'enabled' | 'disabled';
  /** From a deployment.yml, which says all: what it leaves out is Azure's default, not blue's. */
  settings?: Omit<DeploymentSpec, 'model' | 'instanceType' | 'instanceCount'>;
}

export interface Plan extends PlannedProof {
  /** `settings` are those of an endpoint.yml. */
  endpoint: { name: string; auth: AuthMode; settings?: Omit<EndpointCreate, 'authMode'> };
  /** Absent: what serves now is blue. */
  blue?: PlannedDeployment;
  green: PlannedDeployment;
  evidence?: PlannedEvidence;
  /** Green's share in percent, growing, to 100. */
  weights: number[];
  /** A deletion says what is deleted, so that no plan deletes by habit. */
  retire: 'keep' | 'scale-to-one' | { delete: string };
}

/** Gates that only rows of a CSV can pass; probes send the same rows. */
const BY_ROWS = GATE_NAMES.filter((gate) => gateNeeds(gate, 'rows', 'target', 'probes'));

/** Only what the rollout replaces is deleted. */
export const wrongRetired = (planned: string, replaced: string): string =>
  `The plan deletes ${planned}, but what is replaced is ${replaced}.`;

/** What makes a plan impossible although each of its values is right, as a sentence. */
export function planProblem(plan: Plan): string | undefined {
  const { green, blue, retire } = plan;
  if (sameName(blue?.name, green.name)) {
    return `blue and green are both named ${green.name}: choose another name for green`;
  }
  if (typeof retire === 'object' && blue && retire.delete !== blue.name) {
    return `retire deletes ${retire.delete}, but blue is ${blue.name}: only blue is retired`;
  }
  return undefined;
}

/** Why nothing could be proved as the plan stands, as a sentence. */
export function evidenceProblem(
  plan: PlannedProof & { evidence?: Partial<PlannedEvidence> },
): string | undefined {
  if (plan.evidence?.csv !== undefined) return undefined;
  const { gates } = proofAt(plan, 0);
  const enforced = BY_ROWS.filter((each) => gates[each].mode === 'enforce');
  return enforced.length > 0
    ? `The proof needs rows to send: add evidence with data to the plan, or --csv with files of az ml, or set these gates to warn or off: ${enforced.join(', ')}.`
    : undefined;
}

/** What is wrong with the steps of green's share, as a sentence. */
export function weightsProblem(weights: readonly number[]): string | undefined {
  const bad = weights.find((each) => !Number.isInteger(each) || each < 1 || each > 100);
  if (bad !== undefined) return `${bad} is not a whole number from 1 to 100`;
  const at = weights.findIndex((each, index) => index > 0 && each <= (weights[index - 1] ?? 0));
  if (at > 0) {
    return `${weights[at] ?? ''} follows ${weights[at - 1] ?? ''}: each step must be larger`;
  }
  return weights.at(-1) === 100 ? undefined : 'the last step must be 100';
}
