/** Every kind of change, by name. A new kind is one file and one line here; the compiler says so. */
import type { Change, ChangeKind } from './change.js';
import { createDeployment } from './create-deployment.js';
import { createEndpoint } from './create-endpoint.js';
import { deleteDeployment } from './delete-deployment.js';
import { deleteEndpoint } from './delete-endpoint.js';
import { packageModel } from './package-model.js';
import { registerModel } from './register-model.js';
import { scaleDeployment } from './scale-deployment.js';
import { setMirror } from './set-mirror.js';
import { setTraffic } from './set-traffic.js';

export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

export const KINDS: { [K in Change['kind']]: ChangeKind<ChangeOf<K>> } = {
  registerModel,
  packageModel,
  createEndpoint,
  createDeployment,
  setTraffic,
  setMirror,
  scaleDeployment,
  deleteDeployment,
  deleteEndpoint,
};

/** The kind of a change, able to take this change and no other. */
export function kindOf<C extends Change>(change: C): ChangeKind<C> {
  return KINDS[change.kind] as unknown as ChangeKind<C>;
}
