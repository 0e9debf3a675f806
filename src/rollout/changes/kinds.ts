/** Every kind of change, by name. A new kind is one file and one line here; the compiler says so. */
import type { Change, ChangeKind } from './change.js';
import { copyAutoscaleKind } from './copy-autoscale.js';
import { createDeploymentKind } from './create-deployment.js';
import { createEndpointKind } from './create-endpoint.js';
import { deleteAutoscaleKind } from './delete-autoscale.js';
import { deleteDeploymentKind } from './delete-deployment.js';
import { deleteEndpointKind } from './delete-endpoint.js';
import { packageModelKind } from './package-model.js';
import { registerModelKind } from './register-model.js';
import { scaleDeploymentKind } from './scale-deployment.js';
import { setMirrorKind } from './set-mirror.js';
import { setTrafficKind } from './set-traffic.js';

export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

export const KINDS: { [K in Change['kind']]: ChangeKind<ChangeOf<K>> } = {
  registerModel: registerModelKind,
  packageModel: packageModelKind,
  createEndpoint: createEndpointKind,
  createDeployment: createDeploymentKind,
  setTraffic: setTrafficKind,
  setMirror: setMirrorKind,
  scaleDeployment: scaleDeploymentKind,
  copyAutoscale: copyAutoscaleKind,
  deleteAutoscale: deleteAutoscaleKind,
  deleteDeployment: deleteDeploymentKind,
  deleteEndpoint: deleteEndpointKind,
};

/** The kind of a change, able to take this change and no other. */
export function kindOf<C extends Change>(change: C): ChangeKind<C> {
  return KINDS[change.kind] as unknown as ChangeKind<C>;
}
