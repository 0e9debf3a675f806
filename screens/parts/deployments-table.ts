/** Deployments with their model, instances, traffic and state. */
import type { Deployment, Endpoint } from '../../src/azure/types.js';
import { shownModel } from '../../src/common/model-ref.js';
import { shareOf } from '../../src/common/split.js';
import { tableBlock, type Block } from './blocks.js';

const HEAD = ['deployment', 'model', 'instances', 'traffic', 'state'];

/** Each by what it is called before its name; nothing where not even name and model fit. */
export function deploymentsTable(
  title: string,
  deployments: readonly (readonly [role: string, Deployment])[],
  endpoint: Endpoint | undefined,
  width: number,
): Block[] {
  const rows = deployments.map(([role, each]) => {
    const { name, model, instanceCount, instanceType, provisioningState } = each;
    const instances = `${instanceCount} of ${instanceType}`;
    const share = `${shareOf(endpoint?.traffic ?? {}, name)}%`;
    return [role, name, shownModel(model), instances, share, provisioningState];
  });
  return tableBlock([title, ...HEAD], rows, width, 3);
}
