/** Model sources, packaging, short quota and roles, on the screens of the steps before the proof. */
import { expect, test } from 'vitest';
import type { DeploymentSpec } from '../../../src/azure/types.js';
import type { Change } from '../../../src/rollout/changes/change.js';
import type { State } from '../../../src/wizard/state.js';
import { draw, KEY, type Drawn } from '../../support/wizard-screen.js';
import {
  blueOnly,
  entered,
  journal,
  LOOK,
  NOW,
  onScreen,
  openedOf,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  rolloutOpened,
  SANDBOX,
  withSession,
  working,
} from '../../support/wizard-states.js';
import { deployment, endpoint, modelId, snapshot, WORKSPACE } from '../rollout/fixtures.js';

const VERSION = {
  id: `${WORKSPACE.id}/models/${PLAIN.model}/versions/2`,
  name: PLAIN.model,
  version: '2',
  type: 'mlflow_model',
  uri: 'azureml://datastores/d/paths/LocalUpload/abc/v2',
  tags: {},
  flavors: [],
};
const SIZES = {
  sizes: [
    { name: 'Standard_DS3_v2', family: 'a', vCpus: 4, memoryGb: 14 },
    { name: 'Standard_DS2_v2', family: 'a', vCpus: 2, memoryGb: 7 },
    { name: 'Standard_DS1_v2', family: 'a', vCpus: 1, memoryGb: 3 },
  ],
};

const asked = (drawn: Drawn) => drawn.issued.map(({ command }) => command);
const last = (drawn: Drawn) => asked(drawn).at(-1)!;

/** The form that asks for a place, on Azure, with the cursor in its first field. */
async function atPlace(state: State = blueOnly(PROD)): Promise<Drawn> {
  const drawn = await draw(state);
  await drawn.answer('listModels', [{ name: PLAIN.model, versions: [VERSION] }]);
  await drawn.until('type its URI');
  await drawn.press(...Array<string>(3).fill(KEY.down), KEY.enter);
  await drawn.until('Place');
  return drawn;
}

async function submit(drawn: Drawn, place: string): Promise<void> {
  await drawn.press(place, KEY.tab, KEY.tab, KEY.enter);
}

test('a place in Azure is read before it is registered, or it says why not', async () => {
  const drawn = await atPlace();
  await submit(drawn, 'runs:/abc/model');
  expect(last(drawn)).toEqual({ do: 'lookAtUri', uri: 'runs:/abc/model' });
  await drawn.answer('lookAtUri', { why: 'no MLmodel file is found there' });
  await drawn.until('unknown: no MLmodel file is found there');
  await drawn.press(KEY.enter);
  expect(last(drawn)).toEqual({
    do: 'nextVersion',
    model: PLAIN.model,
    uri: 'runs:/abc/model',
  });
  // The same place was registered before: it is only chosen.
  await drawn.answer('nextVersion', { model: PLAIN.model, version: '2', registered: true });
  expect(last(drawn)).toEqual({
    do: 'record',
    choice: { newModel: { name: PLAIN.model, version: '2' } },
  });
});

test('what a model takes is shown where its place can be read', async () => {
  const drawn = await atPlace();
  await submit(drawn, 'azureml://jobs/j1/outputs/artifacts/paths/model');
  await drawn.answer('lookAtUri', { look: LOOK });
  await drawn.until('python_function');
  expect(drawn.frame()).toContain('Register it');
});

test('a registry’s model is used from there, without registering', async () => {
  const drawn = await atPlace();
  const id = 'azureml://registries/shared/models/heart/versions/3';
  await submit(drawn, id);
  await drawn.until('a registry shows its files to Azure');
  expect(drawn.frame()).toContain('Use it');
  await drawn.press(KEY.enter);
  expect(last(drawn)).toEqual({
    do: 'record',
    choice: { newModel: { name: 'heart', version: '3', id } },
  });
});

test('@latest is the version registered last, and another place is refused at its field', async () => {
  const drawn = await atPlace();
  await submit(drawn, `azureml:${PLAIN.model}@latest`);
  expect(last(drawn)).toEqual({ do: 'lookAtVersion', model: PLAIN.model, version: '2' });
  const other = await atPlace();
  const before = asked(other).length;
  await submit(other, 's3://bucket/model');
  await other.until('from s3');
  expect(asked(other)).toHaveLength(before);
});

test('models of jobs stand in the list, and fill the form', async () => {
  const drawn = await draw(blueOnly(PROD));
  await drawn.answer('listModels', []);
  const uri = 'azureml://jobs/j1/outputs/artifacts/paths/model';
  await drawn.answer('listJobModels', [{ job: 'j1', displayName: 'train v2', uri }]);
  await drawn.until('job train v2');
  await drawn.press(KEY.down, KEY.enter);
  await drawn.until(uri);
});

test('a second rollout on the sandbox proposes what does not serve yet', async () => {
  const state = blueOnly(SANDBOX);
  const live = deployment(PLAIN.blue, { model: VERSION.id });
  const opened = openedOf(snapshot(endpoint({ [PLAIN.blue]: 100 }), [live]), journal());
  const drawn = await draw(
    entered({
      ...withSession(SANDBOX, opened),
      defaults: { ...state.defaults, afterNewFolder: '/samples/heart-classifier/v3-regressed' },
    }),
  );
  await drawn.until('/samples/heart-classifier/v2');
  await drawn.answer('listModels', [{ name: PLAIN.model, versions: [VERSION] }]);
  await drawn.until('v3-regressed');
});

const rejected = { rejected: [modelId(PLAIN.model, '2')] };

test('a model whose green was rejected is marked in the list, and not proposed again', async () => {
  const drawn = await draw(blueOnly(PROD, PLAIN, rejected));
  await drawn.answer('listModels', [{ name: PLAIN.model, versions: [VERSION] }]);
  await drawn.until((frame) => /heart-classifier 2 .* rejected/.test(frame));
  const sandbox = blueOnly(SANDBOX, PLAIN, rejected);
  const defaults = { ...sandbox.defaults, afterNewFolder: '/samples/heart-classifier/v3' };
  const proposed = await draw({ ...sandbox, defaults });
  await proposed.until('/samples/heart-classifier/v2');
  await proposed.answer('listModels', [{ name: PLAIN.model, versions: [VERSION] }]);
  await proposed.until('/samples/heart-classifier/v3');
});

test("a late look at blue's model is not taken for the model under review", async () => {
  const drawn = await draw(blueOnly(SANDBOX));
  await drawn.press(KEY.enter);
  expect(last(drawn)).toMatchObject({ do: 'lookAtFolder' });
  await drawn.answer('lookAtBlue', { ...LOOK, flavors: ['blue-flavor'], folder: undefined });
  await drawn.answer('lookAtFolder', { ...LOOK, flavors: ['new-flavor'] });
  await drawn.until('new-flavor');
  expect(drawn.frame()).toContain("same signature as blue's model");
});

test('a rollout that is opened again after a failed proof says so, and green can be replaced at once', async () => {
  const failed = { ...proofPassed(PLAIN.green), decision: 'stop' as const };
  const opened = rolloutOpened({ proved: false, view: { judgements: [failed] } });
  const session = { startedAt: NOW, firstLine: 2 };
  const drawn = await draw(entered(withSession(SANDBOX, { ...opened, session })));
  await drawn.until('The last proof failed (x: replace green · X: give up).');
  await drawn.press('x');
  await drawn.until(`Type ${PLAIN.green} to confirm`);
});

/** Green's form, with blue on three instances and this much quota left. */
function greening(free: number, view = {}): State {
  const state = blueOnly(SANDBOX, PLAIN, {
    choice: { newModel: { name: PLAIN.model, version: '2' } },
    ...view,
  });
  const opened = state.session!.opened!;
  const deployments = opened.snapshot.deployments.map((each) => ({ ...each, instanceCount: 3 }));
  const now = { ...opened.snapshot, deployments, models: { [PLAIN.model]: [VERSION] } };
  const fresh = openedOf(now, opened.journal);
  const started = entered({ ...state, screens: {}, session: { ...state.session!, opened: fresh } });
  return onScreen(started, 'green', {
    ...SIZES,
    usages: [{ family: 'a', used: 100 - free, limit: 100 }],
  });
}

const sent = (drawn: Drawn): { changes: Change[] } => {
  const command = last(drawn);
  if (command.do !== 'run') throw new Error(`${command.do} was asked.`);
  return command;
};

test('where the quota is short, smaller sizes are offered, and no fewer instances than the plan takes', async () => {
  // Three take 16 cores; two take 12, and could not take all of blue's traffic.
  const drawn = await draw(greening(12));
  await drawn.until('not enough: Enter shows what fits');
  await drawn.press(KEY.enter);
  await drawn.until('Standard_DS2_v2, smaller');
  expect(drawn.frame()).not.toContain('of this type');
  expect(asked(drawn).some((command) => command.do === 'run')).toBe(false);
  await drawn.press(KEY.enter);
  await drawn.until('Create xgboost-model-2 at 0%');
  await drawn.press(KEY.enter);
  const { changes } = sent(drawn);
  expect(changes).toMatchObject([
    { kind: 'createDeployment', spec: { instanceType: 'Standard_DS2_v2', instanceCount: 3 } },
  ]);
});

test('fewer instances than the last weight takes are refused in the form', async () => {
  const drawn = await draw(greening(50));
  // The action row has the cursor; the field above it is the count.
  await drawn.press(KEY.up, '\x15', '1', KEY.down);
  await drawn.until('enough for at most 33% of the traffic');
  await drawn.press(KEY.enter);
  await drawn.until('out of reach');
  const text = drawn.frame().replaceAll(/\s+/g, ' ');
  expect(text).toContain('Give xgboost-model-2 3 instances or another instance type');
  expect(asked(drawn).some((command) => command.do === 'run')).toBe(false);
});

test('Esc leaves the choices of a short quota', async () => {
  const drawn = await draw(greening(9));
  await drawn.press(KEY.enter);
  await drawn.until('Standard_DS2_v2, smaller');
  await drawn.press(KEY.esc);
  await drawn.until('not enough');
});

test('enough quota asks nothing', async () => {
  const drawn = await draw(greening(50));
  expect(drawn.frame()).not.toContain('at most');
  await drawn.press(KEY.enter);
  expect(sent(drawn).changes).toHaveLength(1);
});

test('what green costs, alone and with blue, where prices are known', async () => {
  const drawn = await draw(greening(50));
  await drawn.answer('listSizes', {
    ...SIZES,
    usages: [{ family: 'a', used: 50, limit: 100 }],
  });
  await drawn.until('4 cores, 14 GB');
  expect(drawn.frame()).not.toContain('$');
  const { sizes } = SIZES;
  expect(last(drawn)).toEqual({ do: 'listPrices', sizes: sizes.map(({ name }) => name) });
  await drawn.answer('listPrices', { prices: { standard_ds3_v2: 0.293, Standard_DS1_v2: 0.07 } });
  await drawn.until('$0.88 per hour, $1.76 with default (Azure list price)');
  expect(drawn.frame()).toContain('4 cores, 14 GB, $0.29 per hour');
  // More settings keep the list; a size without a price has none.
  await drawn.press('m');
  await drawn.until('Package');
  expect(drawn.frame()).toContain('4 cores, 14 GB, $0.29 per hour');
});

test("blue's autoscale is offered for green, and the plan keeps what was chosen", async () => {
  const drawn = await draw(greening(50));
  expect(drawn.frame()).not.toContain('Autoscale');
  const id =
    '/subscriptions/s/resourceGroups/r/providers/Microsoft.Insights/autoscaleSettings/scale';
  const found = [{ kind: 'autoscale setting' as const, name: 'scale', id }];
  await drawn.answer('attachments', { found, unread: [] });
  await drawn.until('leave: green has a fixed number of instances');
  expect(drawn.frame()).toContain('which does not follow to green');
  await drawn.press(KEY.up, KEY.right);
  await drawn.until('copy scale before green gets traffic');
  expect(drawn.frame()).not.toContain('does not follow');
  await drawn.press(KEY.down, KEY.enter);
  const recorded = asked(drawn).find((command) => command.do === 'record');
  expect(recorded).toMatchObject({ choice: { plan: { autoscale: 'copy' } } });
});

test('packaging goes before the deployment, which then names its environment', async () => {
  const drawn = await draw(greening(50));
  await drawn.press('m');
  await drawn.until('Package');
  // The action row has the cursor; the field above it is the packaging.
  await drawn.press(KEY.up, KEY.right);
  await drawn.until('into an image first');
  await drawn.press(KEY.down, KEY.enter);
  const { changes } = sent(drawn);
  const [first, second] = changes;
  if (first?.kind !== 'packageModel' || second?.kind !== 'createDeployment') {
    throw new Error(JSON.stringify(changes));
  }
  expect(first).toMatchObject({ model: PLAIN.model, version: '2', environmentVersion: '1' });
  const expected: Partial<DeploymentSpec> = {
    model: VERSION.id,
    packagedEnvironment: `${WORKSPACE.id}/environments/${first.environment}/versions/1`,
  };
  expect(second.spec).toMatchObject(expected);
});

test('which of several live deployments is replaced can be chosen again', async () => {
  const opened = openedOf(
    snapshot(endpoint({ a: 60, b: 40 }), [deployment('a'), deployment('b')]),
    journal({ roles: { blue: 'a' } }),
  );
  const drawn = await draw(
    entered({
      ...withSession(PROD, opened, { endpoints: [endpoint({ a: 60, b: 40 })] }),
      view: 'endpoint',
    }),
  );
  await drawn.press('c');
  await drawn.until('Which one should green replace?');
  await drawn.press(KEY.down, KEY.enter);
  expect(last(drawn)).toEqual({ do: 'record', choice: { roles: { blue: 'b' } } });
  const begun = await draw({ ...rollout(PROD, { others: { x: 10 } }), view: 'endpoint' });
  await begun.press('c');
  await begun.until('is already being rolled out');
});

test('the log of a deployment that failed before this session is fetched at once', async () => {
  const opened = rollout(PROD, { proved: false, green: { provisioningState: 'Failed' } }).session!
    .opened!;
  const drawn = await draw(withSession(PROD, opened));
  // The step is entered on the first event.
  drawn.store.dispatch({ type: 'tick', now: NOW });
  expect(asked(drawn)).toContainEqual({
    do: 'logs',
    deployment: PLAIN.green,
    container: 'inference-server',
  });
  await drawn.answer('logs', "Traceback\nModuleNotFoundError: No module named 'xgboost'\n");
  await drawn.until('Log, line 2');
  expect(drawn.frame()).toContain('conda.yaml lacks the package of the module xgboost');
  expect(drawn.frame()).toContain('cannot be repaired');
});

test('the form of a new endpoint is not about the one that was opened before', async () => {
  const state = rollout(PROD, { share: 10 });
  const drawn = await draw(
    onScreen({ ...state, view: 'endpoint' }, 'endpoint', { mode: 'list', creating: false }),
  );
  expect(drawn.lines()[0]).toContain('▸ heart');
  await drawn.press('n');
  await drawn.until('A new endpoint in');
  expect(drawn.lines()[0]).not.toContain('▸');
  expect(drawn.lines()[1]).toContain('BLUE none yet');
});

test('after promotion the roles keep their labels, and green is named while it is created', async () => {
  const promoted = await draw(rollout(PROD, { share: 100 }));
  expect(promoted.lines()[1]).toMatch(/BLUE default 0% +GREEN xgboost-model-2 100%/);
  const change = {
    kind: 'createDeployment' as const,
    endpoint: 'heart',
    deployment: 'next-9',
    role: 'green' as const,
    spec: { model: VERSION.id, instanceType: 't', instanceCount: 1 },
  };
  const making = await draw(working(blueOnly(PROD), { change }));
  expect(making.lines()[1]).toMatch(/BLUE default 100% +GREEN next-9 being created/);
});

test('an endpoint on Kubernetes is opened read-only, with a sentence', async () => {
  const found = endpoint({ default: 100 }, { kubernetes: '/computes/cluster-1' });
  const drawn = await draw(entered(withSession(SANDBOX, undefined, { endpoints: [found] })));
  await drawn.press(KEY.up, KEY.enter);
  expect(last(drawn)).toMatchObject({ do: 'openEndpoint' });
  await drawn.answer('openEndpoint', openedOf(snapshot(found, [deployment('default')]), journal()));
  await drawn.until('it opens read-only');
  expect(drawn.frame()).toContain('runs on Kubernetes (cluster-1)');
  await drawn.press(KEY.enter);
  expect(drawn.frame()).not.toContain('read-only');
  const orders = asked(drawn).map((command) => command.do);
  expect(orders.filter((order) => order === 'run' || order === 'perform')).toEqual([]);
});
