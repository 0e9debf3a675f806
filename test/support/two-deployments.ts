/** An endpoint with a blue and a green deployment, half of the traffic each, ready to be called. */
import type { Endpoint, Workspace } from '../../src/azure/types.js';
import { ArmClient, deployment, endpoint } from './arm.js';
import { serveBlue } from './live-endpoint.js';
import type { TestSandbox } from './sandbox.js';

export async function serveTwo(
  sandbox: TestSandbox,
  workspace: Workspace,
  name: string,
): Promise<Endpoint> {
  const arm = await ArmClient.connect(sandbox.info);
  try {
    await serveBlue(arm, name, { blue: 'blue' });
    const path = `onlineEndpoints/${name}`;
    const model = `${arm.workspace}/models/heart-classifier/versions/1`;
    await arm.finished(await arm.put(`${path}/deployments/green`, deployment(model)));
    const traffic = { blue: 50, green: 50 };
    await arm.finished(await arm.put(path, endpoint({ traffic })));
  } finally {
    await arm.close();
  }
  const found = await workspace.getEndpoint(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}
