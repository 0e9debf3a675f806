/** A rollout on the sandbox, made quickly through the adapter and the engine. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { RolloutEngine } from '../../src/rollout/engine.js';
import { Journal } from '../../src/rollout/journal/journal.js';
import { connectionTo } from './connection.js';
import type { TestSandbox } from './sandbox.js';

export const BLUE = 'default';
export const GREEN = 'xgboost-model-2';
const MODEL = 'heart-classifier';

const sample = (version: string): string =>
  fileURLToPath(new URL(`../../samples/heart-classifier/v${version}`, import.meta.url));

export interface TestRollout {
  workspace: Workspace;
  engine: RolloutEngine;
  journal: Journal;
  close(): Promise<void>;
}

/** Blue serves version 1, and green is there with version 2 at `greenShare` percent. */
export async function beginRollout(
  sandbox: TestSandbox,
  options: {
    endpoint: string;
    rolloutId: string;
    /** Where the journal goes, e.g. `$AML_ROLLOUT_HOME/journals`. */
    journals: string;
    greenShare?: number;
    blueInstances?: number;
    /** Of both; the sandbox has quota for 40 cores a family. */
    size?: string;
    /** Blue keeps what it is asked. */
    collects?: boolean;
  },
): Promise<TestRollout> {
  const { endpoint, rolloutId, journals, greenShare = 30, blueInstances = 1, collects } = options;
  const { size = 'Standard_DS3_v2' } = options;
  const workspace = await connect(connectionTo(sandbox));
  const { subscriptionId, resourceGroup, workspaceName } = sandbox.info;
  const journal = Journal.create(join(journals), {
    rolloutId,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    endpoint,
    owner: 'ada@contoso.com',
    version: 'test',
  });
  const engine = new RolloutEngine({ workspace, journal, endpoint });
  await engine.observe();
  await engine.run({
    kind: 'createEndpoint',
    endpoint,
    authMode: 'key',
    identity: { type: 'system_assigned' },
    tags: {},
  });
  const deploy = async (deployment: string, role: 'blue' | 'green', version: string) => {
    if (!(await workspace.getModelVersion(MODEL, version))) {
      await engine.run({ kind: 'registerModel', model: MODEL, version, folder: sample(version) });
    }
    const model = await workspace.getModelVersion(MODEL, version);
    await engine.run({
      kind: 'createDeployment',
      endpoint,
      deployment,
      role,
      spec: {
        model: model?.id ?? '',
        instanceType: size,
        instanceCount: role === 'blue' ? blueInstances : 1,
        ...(role === 'blue' &&
          collects && { dataCollector: { collections: { model_inputs: { enabled: true } } } }),
      },
    });
  };
  await deploy(BLUE, 'blue', '1');
  await engine.run(engine.firstTrafficChange(BLUE));
  await deploy(GREEN, 'green', '2');
  if (greenShare > 0) await engine.run(engine.trafficChange(greenShare));
  return {
    workspace,
    engine,
    journal,
    async close() {
      journal.close();
      await workspace.close();
    },
  };
}
