/** An environment that a deployment.yml describes: what is registered, and as what. */
import type { DeploymentSpec } from '../../../src/azure/types.js';
import { expect, test } from 'vitest';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { withWholePaths } from '../../../src/interop/files-beside.js';
import { python } from '../../../src/interop/languages/python.js';
import { codeFor } from '../../../src/interop/languages/language.js';
import { FileProblem } from '../../../src/interop/yaml-file.js';
import { deploymentYaml } from '../../../src/interop/yaml-out.js';
import { inherited } from '../../../src/rollout/inherit.js';
import { withoutSecrets } from '../../../src/rollout/secrets.js';
import { deploymentSource } from '../../../src/wizard/file-values.js';

const FILES: Record<string, string> = {
  './conda.yaml': `# made by hand
name: model-env
channels:
  - conda-forge
dependencies:
  - python=3.10
  - numpy=1.23.5
  - pip:
    - mlflow==2.9.2
    - "scikit-learn>=1.2, <2"
    - '--extra-index-url https://pypi.example.com/simple/'
`,
  'list.yaml': '- a\n',
  'broken.yaml': 'name: x\nchannels: [\n',
};
const CONDA_TEXT = `channels:
- conda-forge
dependencies:
- python=3.10
- numpy=1.23.5
- pip:
  - mlflow==2.9.2
  - scikit-learn>=1.2, <2
  - --extra-index-url https://pypi.example.com/simple/
name: model-env
`;

const open = (path: string): string => {
  const text = FILES[path];
  if (text === undefined) throw new FileProblem([`${path} is not there.`]);
  return text;
};
const fileWith = (environment: string) => `name: blue
instance_type: t
instance_count: 1
environment: ${environment}
`;
const read = (environment: string) => readDeploymentFile(fileWith(environment), 'd.yml', { open });
const problemsOf = (environment: string): string => {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof FileProblem) return error.message;
    throw error;
  }
  throw new Error('the file was taken');
};

const IMAGE = 'image: a.azurecr.io/mlflow:v1';
const ROUTES = `inference_config:
    liveness_route: {port: 5001, path: /}
    readiness_route: {port: 5001, path: /}
    scoring_route: {port: "5001", path: /score}`;
const inferenceConfig = {
  livenessRoute: { port: 5001, path: '/' },
  readinessRoute: { port: 5001, path: '/' },
  scoringRoute: { port: 5001, path: '/score' },
};
const IN_FILE = `conda_file:
    dependencies: [python=3.10, {pip: [mlflow]}]
    channels: [defaults]`;

// The versions by azure-ai-ml 1.35.2, `load_online_deployment` of the same files.
test.each([
  [[IMAGE], '84240adb1f4a36c3ce5df1f624db67aa014261681a27c3f586ce36ac8754e7f0', {}],
  [
    [IMAGE, ROUTES],
    '5131af173c60ffdc9e9c90333adfc7621e4c83466241462c41f75a8ce9ac91ab',
    { inferenceConfig },
  ],
  [
    [IMAGE, 'conda_file: ./conda.yaml'],
    'e21fc8c39947ac754781186bc7073fcd694c3bba557fee776523713b0aebfcfd',
    { condaFile: CONDA_TEXT, condaPath: './conda.yaml' },
  ],
  [
    [IMAGE, ROUTES, 'conda_file: ./conda.yaml'],
    'af58340e3d0f5a59bd21fbffc4aab7553096cdbcb8ce4e02fe8e2f275beb947b',
    { condaFile: CONDA_TEXT, condaPath: './conda.yaml', inferenceConfig },
  ],
  [
    [IMAGE, IN_FILE],
    'ecd2ebb342029bbe3cbdb245359f81cc5374c45708910e300cf72ef76bf6161f',
    {
      condaFile: 'channels:\n- defaults\ndependencies:\n- python=3.10\n- pip:\n  - mlflow\n',
    },
  ],
])('%j has the name and version of azure-ai-ml', (members, version, definition) => {
  const { spec } = read(['', ...members].join('\n  '));
  expect(spec.environment).toBe(`azureml:CliV2AnonymousEnvironment:${version}`);
  expect(spec.environmentDefinition).toEqual({
    image: 'a.azurecr.io/mlflow:v1',
    isAnonymous: true,
    ...definition,
  });
});

test.each([
  ['{name: e, version: 1.0, image: x}', 'azureml:e:1.0'],
  ['{name: e, image: x, description: d, tags: {a: b}, os_type: Linux}', 'azureml:e@latest'],
])('%s keeps its name', (environment, reference) => {
  const { spec, notes } = read(environment);
  expect(spec.environment).toBe(reference);
  expect(spec.environmentDefinition).toMatchObject({ image: 'x', isAnonymous: false });
  expect(notes).toEqual([]);
});

test('a version without a name is ignored, and named', () => {
  const { spec, notes } = read('{version: 3, image: x}');
  expect(spec.environment).toMatch(/^azureml:CliV2AnonymousEnvironment:[0-9a-f]{64}$/);
  expect(notes).toEqual(['d.yml, line 4, column 15: version is not used without a name.']);
});

test.each([
  ['{build: {path: .}}', 'environment.build: images are not built here; build it, push'],
  ['{name: e}', 'environment.image: is missing; name the image'],
  ['{image: x, imgae: y}', 'd.yml, line 4, column 25: unknown key imgae in environment'],
  ['{image: x, dependencies: [a]}', 'environment.dependencies: belongs in the conda_file'],
  ['{image: x, name: "a:b"}', 'environment.name: use a name without'],
  ['{image: x, os_type: windows}', 'environment.os_type: managed deployments run on linux only'],
  [
    '{image: x, inference_config: {liveness_route: {port: 1, path: /}}}',
    'environment.inference_config.scoring_route: is missing',
  ],
  ['[x]', 'environment: use azureml:NAME:VERSION, azureml:NAME@latest'],
  ['azureml:e@stable', 'environment: use azureml:NAME:VERSION, azureml:NAME@latest'],
  [
    'azureml://registries/azureml/environments/e/labels/latest',
    "a registry's labels are not looked up; end it with /versions/",
  ],
  ['{image: x, conda_file: none.yaml}', 'none.yaml is not there.'],
  ['{image: x, conda_file: list.yaml}', 'list.yaml is not a conda file'],
  ['{image: x, conda_file: broken.yaml}', 'broken.yaml, line '],
  [
    '{image: x, conda_file: {dependencies: [{pip: ["--index-url https://u:pa55word@h/s"]}]}}',
    'environment.conda_file holds what looks like a secret: move it into a file of its own',
  ],
  [
    '{image: x, conda_file: {channels: [https://conda.anaconda.org/t/TOKEN/acme]}}',
    'environment.conda_file holds what looks like a secret',
  ],
  [
    '{image: x, conda_file: {dependencies: [{pip: ["-i https://TOKEN@pypi.fury.io/acme/"]}]}}',
    'environment.conda_file holds what looks like a secret',
  ],
])('%s is refused', (environment, sentence) => {
  expect(problemsOf(environment)).toContain(sentence);
});

const creation = (environment: string) => ({
  kind: 'createDeployment' as const,
  endpoint: 'heart',
  deployment: 'blue',
  role: 'blue' as const,
  spec: {
    model: 'azureml:m:1',
    instanceType: 't',
    instanceCount: 1,
    ...withWholePaths(read(environment).spec, '/plans/d.yml'),
  } satisfies DeploymentSpec,
});
const workspace = { subscriptionId: 's', resourceGroup: 'g', workspaceName: 'w' };

test('before it is registered, files and scripts register it', () => {
  const change = creation(['', IMAGE, ROUTES, IN_FILE].join('\n  '));
  const { model: _, ...spec } = change.spec;
  expect(readDeploymentFile(deploymentYaml(change), 'd.yml').spec).toEqual(spec);
  expect(JSON.stringify(codeFor(python, change, workspace))).toContain(
    'environment=Environment(image=\\"a.azurecr.io/mlflow:v1\\", conda_file={\\"channels\\"',
  );
  const fromFile = deploymentYaml(creation('{image: x, name: e, conda_file: ./conda.yaml}'));
  expect(fromFile).toContain('name: e\n  image: x\n  conda_file: /plans/conda.yaml\n');
});

test('green in the wizard has it from its file', () => {
  const file = read('{image: x, conda_file: ./conda.yaml}');
  const source = deploymentSource({ path: '/plans/d.yml', file });
  expect(inherited(source)).toMatchObject({
    environment: file.spec.environment,
    environmentDefinition: { image: 'x', condaFile: CONDA_TEXT, condaPath: '/plans/conda.yaml' },
  });
});

test('what is kept of it names what was registered', () => {
  const change = withoutSecrets(
    creation('{image: x, name: e, version: 2, conda_file: ./conda.yaml}'),
  );
  expect(change.spec).not.toHaveProperty('environmentDefinition');
  expect(deploymentYaml(change)).toContain('environment: azureml:e:2\n');
  expect(JSON.stringify(codeFor(python, change, workspace))).toContain(
    'environment=\\"azureml:e:2\\"',
  );
});
