/** What several kinds of change ask of the observed workspace, as sentences. */
import { sameName } from '../../common/same-name.js';
import type {
  Deployment,
  Endpoint,
  EndpointUpdate,
  ModelVersion,
  ProvisioningState,
} from '../../azure/types.js';
import type { Snapshot } from '../snapshot.js';
import { ROLLOUT_TAG } from '../tags.js';
import { type Split, formatSplit, sameSplit } from '../../common/split.js';

const BUSY: readonly ProvisioningState[] = ['Creating', 'Updating', 'Scaling', 'Deleting'];

export const isBusy = (thing: { provisioningState: ProvisioningState }): boolean =>
  BUSY.includes(thing.provisioningState);

export function findDeployment(now: Snapshot, name: string): Deployment | undefined {
  return now.deployments.find((each) => sameName(each.name, name));
}

export function seenVersion(
  { models }: Pick<Snapshot, 'models'>,
  model: string,
  version: string,
): ModelVersion | undefined {
  return models[model]?.find((each) => each.version === version);
}

export function endpointMissing(now: Snapshot): string | undefined {
  return now.endpoint
    ? undefined
    : `There is no endpoint ${now.endpointName} in workspace ${now.workspace.workspaceName}. Create it first.`;
}

/** Such an endpoint is read and never written: its deployments have no instance type. */
export const kubernetesProblem = ({ name, kubernetes = '' }: Endpoint): string =>
  `Endpoint ${name} runs on Kubernetes (${kubernetes.split('/').at(-1) ?? ''}): it opens read-only, because this program supports only managed endpoints.`;

/** Azure answers a second write to a busy endpoint with a conflict. */
export function endpointBusy(endpoint: Endpoint): string | undefined {
  return isBusy(endpoint)
    ? `Endpoint ${endpoint.name} is ${endpoint.provisioningState.toLowerCase()}: another change is under way. Wait until it has ended.`
    : undefined;
}

export function deploymentMissing(now: Snapshot, name: string): string {
  const names = now.deployments.map((each) => each.name).join(', ') || 'none';
  return `Endpoint ${now.endpointName} has no deployment ${name}. It has: ${names}.`;
}

/** Read back: the deployment is not there, or did not come up. */
export function notSucceeded(after: Snapshot, name: string): string | undefined {
  const there = findDeployment(after, name);
  if (!there) return `The endpoint does not list deployment ${name}.`;
  return there.provisioningState === 'Succeeded'
    ? undefined
    : `Deployment ${there.name} is ${there.provisioningState.toLowerCase()}.`;
}

/** The drift check: a decision stands only on the split that the person saw. */
export function splitMoved(seen: Split, observed: Split, which: 'Traffic' | 'Mirrored traffic') {
  return sameSplit(seen, observed)
    ? undefined
    : `${which} was moved by someone else: you saw ${formatSplit(seen)}, now it is ${formatSplit(observed)}. Read it again, then decide.`;
}

/** What a write of the endpoint was decided on: nothing is sent where that has changed since. */
export function asSeen({ endpoint }: Snapshot): EndpointUpdate['expect'] {
  if (!endpoint) return {};
  const { traffic, mirrorTraffic, tags } = endpoint;
  return { traffic, mirrorTraffic, tags: { [ROLLOUT_TAG]: tags[ROLLOUT_TAG] } };
}

/** Azure ML quotas: at most 50 instances a deployment. */
export function instancesProblem(count: number): string | undefined {
  return Number.isInteger(count) && count >= 1 && count <= 50
    ? undefined
    : `A deployment has 1 to 50 instances, not ${count}.`;
}
