/**
 * A rollout for each form of answer, by the built program on the sandbox: a green that is as good gets
 * all traffic, a bad one gets none, and where the answers can't be read green is held until the plan says how.
 * The models are made by test/support/answers/make_models.py.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { connectionTo } from '../support/connection.js';
import { patience } from '../support/patience.js';
import { runWarm } from '../support/run-command.js';
import { SAMPLES } from '../support/sample-plan.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const MODELS = fileURLToPath(new URL('../support/answers/', import.meta.url));

let home: string;
let sandbox: TestSandbox;
let workspace: Workspace;

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.01, stateDir: join(home, 'sandbox') });
  // The cores of endpoints that are being deleted still count.
  const cores = { coreLimit: 1_000, regionCoreLimit: 1_000 };
  await sandbox.control('POST', '/_sandbox/conditions', cores);
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

type Variant = 'blue' | 'good' | 'bad';

const column = (type: string, name?: string) => ({ type, ...(name && { name }), required: true });
const tensor = (dtype: string, ...inner: number[]) => ({
  type: 'tensor',
  'tensor-spec': { dtype, shape: [-1, ...inner] },
});
const OUTPUTS: Record<string, readonly object[]> = {
  softmax: [tensor('float64', 3)],
  strings: [column('string', 'label')],
  record: [column('string', 'label'), { ...tensor('float64', 3), name: 'probs' }],
  multi: [tensor('float64', 2)],
  share: [column('double', 'share')],
  letters: [column('long', 'letter')],
  text: [column('string', 'text')],
  lists: [
    { ...tensor('str', 3), name: 'classes' },
    { ...tensor('float64', 3), name: 'probs' },
  ],
  column: [tensor('int64', 1)],
  missing: [column('double', 'amount')],
};

/** Asked with arrays, MLflow's ONNX flavor answers several outputs as a dictionary of lists. */
const BY_POSITION = new Set(['record', 'lists']);

/** The rows with one target: a model that names no inputs takes every other column. */
function rowsFor(of: string, target: string): string {
  const [head = '', ...lines] = readFileSync(join(MODELS, 'rows.csv'), 'utf8').trim().split('\n');
  const at = ['x1', 'x2', 'id', target].map((name) => head.split(',').indexOf(name));
  // The free text has commas in it, and is last.
  const cells = (line: string) => at.map((each) => line.split(',')[each] ?? '').join();
  const path = join(home, `${of}.csv`);
  writeFileSync(path, [head, ...lines].map(cells).join('\n'));
  return path;
}

/** A folder as MLflow's ONNX flavor writes it, of this rollout alone: what is uploaded must not be written again. */
function modelFolder(of: string, form: string, variant: Variant, metadata?: object): string {
  const folder = join(home, `${of}-${variant}`);
  mkdirSync(folder);
  copyFileSync(join(MODELS, `${form}-${variant}.onnx`), join(folder, 'model.onnx'));
  copyFileSync(join(SAMPLES, 'heart-classifier/v1/conda.yaml'), join(folder, 'conda.yaml'));
  const inputs = BY_POSITION.has(form)
    ? [tensor('float64', 3)]
    : ['x1', 'x2', 'id'].map((name) => column('double', name));
  const mlmodel = {
    flavors: {
      onnx: { data: 'model.onnx', onnx_version: '1.19.1', providers: ['CPUExecutionProvider'] },
      python_function: {
        data: 'model.onnx',
        loader_module: 'mlflow.onnx',
        env: { conda: 'conda.yaml' },
        python_version: '3.11.7',
      },
    },
    ...(metadata && { metadata }),
    mlflow_version: '2.22.5',
    signature: {
      inputs: JSON.stringify(inputs),
      outputs: JSON.stringify(OUTPUTS[form]),
      params: null,
    },
  };
  writeFileSync(join(folder, 'MLmodel'), JSON.stringify(mlmodel));
  return folder;
}

interface Rollout {
  form: string;
  target: string;
  /** Further members of the plan's `evidence`. */
  says?: string;
  gates?: string;
  metadata?: object;
}

let count = 0;

/** What a rollout of this green comes to. Rows suffice for the margins; times are another test's. */
async function roll(
  variant: 'good' | 'bad',
  { form, target, says, gates, metadata }: Rollout,
): Promise<{ code: number | null; stdout: string; stderr: string; green: number }> {
  count += 1;
  const endpoint = `answers-${form}-${count}`;
  const path = join(home, `${endpoint}.yml`);
  const model = (which: Variant) =>
    `{name: ${endpoint}, path: ${modelFolder(endpoint, form, which, metadata)}}`;
  writeFileSync(
    path,
    `version: 1
endpoint: {name: ${endpoint}}
blue: {name: default, model: ${model('blue')}, instanceType: Standard_F2s_v2, instanceCount: 1}
green: {name: fresh, model: ${model(variant)}}
evidence: {csv: ${BY_POSITION.has(form) ? rowsFor(endpoint, target) : join(MODELS, 'rows.csv')}, rows: 200, seed: 4711, target: ${target}${says ? `, ${says}` : ''}}
weights: [100]
holds: {minutes: 0}
probes: {count: 0, budget: 0}
gates: {latency: off, errors: {margin: 2%}, liveErrors: off, liveLatency: off, liveCapacity: off${gates ? `, ${gates}` : ''}}
`,
  );
  const run = await runWarm(['run', path, '--sandbox', '--yes'], {
    env: { AML_ROLLOUT_HOME: home },
    cwd: home,
  });
  const found = await workspace.getEndpoint(endpoint);
  if (found) await workspace.deleteEndpoint(endpoint);
  return { ...run, green: found?.traffic['fresh'] ?? 0 };
}

const ESTIMATOR = fileURLToPath(new URL('../fixtures/classes/', import.meta.url));

/** Scores of a scikit-learn model, of which nothing but its pickle says which is whose. */
async function rollEstimator(): Promise<Awaited<ReturnType<typeof runWarm>>> {
  const folder = join(home, 'estimator');
  mkdirSync(folder);
  copyFileSync(join(ESTIMATOR, 'pipeline.pkl'), join(folder, 'model.pkl'));
  copyFileSync(join(ESTIMATOR, 'linear-strings.onnx'), join(folder, 'model.onnx'));
  copyFileSync(join(SAMPLES, 'heart-classifier/v1/conda.yaml'), join(folder, 'conda.yaml'));
  const mlmodel = {
    flavors: {
      onnx: { data: 'model.onnx' },
      sklearn: { pickled_model: 'model.pkl', serialization_format: 'cloudpickle' },
      python_function: {
        model_path: 'model.pkl',
        predict_fn: 'predict_proba',
        loader_module: 'mlflow.sklearn',
        env: { conda: 'conda.yaml' },
        python_version: '3.11.7',
      },
    },
    mlflow_version: '2.22.5',
    signature: {
      inputs: JSON.stringify([column('double', 'x1'), column('double', 'x2')]),
      outputs: JSON.stringify([tensor('float64', 3)]),
      params: null,
    },
  };
  writeFileSync(join(folder, 'MLmodel'), JSON.stringify(mlmodel));
  const species = ['virginica', 'setosa', 'versicolor'];
  const rows = Array.from({ length: 300 }, (_, at) => [at % 3, at % 5, species[at % 3]].join());
  writeFileSync(join(home, 'estimator.csv'), ['x1,x2,species', ...rows].join('\n'));
  const path = join(home, 'answers-estimator.yml');
  writeFileSync(
    path,
    `version: 1
endpoint: {name: answers-estimator}
blue: {name: default, model: {name: estimator, path: estimator}, instanceType: Standard_F2s_v2, instanceCount: 1}
green: {name: fresh, model: {name: estimator, path: estimator}}
evidence: {csv: estimator.csv, rows: 200, seed: 4711, target: species}
weights: [100]
holds: {minutes: 0}
probes: {count: 0, budget: 0}
gates: {latency: off, errors: {margin: 2%}, liveErrors: off, liveLatency: off, liveCapacity: off}
`,
  );
  return runWarm(['run', path, '--sandbox', '--yes'], {
    env: { AML_ROLLOUT_HOME: home },
    cwd: home,
  });
}

const FORMS: [string, Rollout, RegExp][] = [
  [
    'softmax over classes 1 to 3, in an order that the plan names',
    { form: 'softmax', target: 'grade', says: 'classes: [1, 2, 3]' },
    /FAIL +right answers: BLUE 1\d\d, GREEN \d+/,
  ],
  [
    'softmax over named classes, in an order that the model names',
    {
      form: 'softmax',
      target: 'species',
      metadata: { classes: ['setosa', 'versicolor', 'virginica'] },
    },
    /FAIL +right answers/,
  ],
  ['words', { form: 'strings', target: 'species' }, /FAIL +right answers/],
  [
    'records of a label and its scores',
    { form: 'record', target: 'species' },
    /FAIL +right answers/,
  ],
  [
    'two numbers, of which the plan names one',
    { form: 'multi', target: 'amount', says: 'label: 0' },
    /FAIL +absolute error/,
  ],
  ['numbers from 0 to 1', { form: 'share', target: 'share' }, /FAIL +absolute error/],
  ['whole numbers for 26 classes', { form: 'letters', target: 'letter' }, /FAIL +right answers/],
  [
    'free text, compared where the plan says so',
    {
      form: 'text',
      target: 'answer',
      says: 'output: text',
      gates: 'accuracy: warn, labels: enforce',
    },
    /FAIL +labels differ/,
  ],
  [
    'free text, with both gates of the target off',
    {
      form: 'text',
      target: 'answer',
      says: 'output: text',
      gates: 'accuracy: off, absoluteError: off, labels: enforce',
    },
    /FAIL +labels differ/,
  ],
  [
    'a dictionary of lists',
    {
      form: 'lists',
      target: 'species',
      says: 'score: probs, classes: [setosa, versicolor, virginica]',
    },
    /FAIL +right answers/,
  ],
  ['one column', { form: 'column', target: 'index' }, /FAIL +right answers/],
  ['numbers of which some are missing', { form: 'missing', target: 'change' }, /FAIL +contract/],
];

// They wait for deployments most of the time.
describe.concurrent('a rollout of models that answer', { timeout: patience(120_000) }, () => {
  it.each(FORMS)('%s', async (_, rollout, failure) => {
    const good = await roll('good', rollout);
    expect(good.stderr + good.stdout).toContain('Promoted: fresh has 100%');
    expect(good).toMatchObject({ code: 0, green: 100 });
    const bad = await roll('bad', rollout);
    expect(bad.stderr + bad.stdout).toMatch(failure);
    expect(bad).toMatchObject({ code: 3, green: 0 });
  });

  it('softmax of an estimator whose classes_ are in its pickle', async () => {
    const run = await rollEstimator();
    expect(run.stderr + run.stdout).toContain('Promoted: fresh has 100%');
    expect(run.stdout).toMatch(/right answers.*BLUE \d+, GREEN \d+/s);
    expect(run.code).toBe(0);
  });

  it.each<[string, Rollout, string]>([
    ['the order of classes', { form: 'softmax', target: 'grade' }, 'evidence.classes: [1, 2, 3]'],
    ['which number is meant', { form: 'multi', target: 'amount' }, 'evidence.label: 0'],
    ['whether text is classes', { form: 'text', target: 'grade' }, 'evidence.output: labels'],
  ])('holds until the plan says %s', async (_, rollout, asked) => {
    const run = await roll('bad', rollout);
    expect(run).toMatchObject({ code: 5, green: 0 });
    expect(run.stderr).toContain(asked);
  });
});
