import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintConda } from '../../../src/sampling/conda-lint.js';
import { lintModelFolder } from '../../../src/sampling/folder-lint.js';
import { readModelFolder } from '../../../src/sampling/model-folder.js';
import { highestAllowed, parseRequirement } from '../../../src/sampling/requirement.js';
import { scratch } from './support.js';

const folder = scratch();

const conda = (pip: string[], python = 'python=3.11.9') => `channels:
- conda-forge
dependencies:
- ${python}
- pip<=24.0
- pip:
${pip.map((one) => `  - ${one}`).join('\n')}
name: mlflow-env
`;
const serving = ['azureml-inference-server-http', 'azureml-ai-monitoring'];
const good = conda(['mlflow==2.22.1', 'onnxruntime==1.20.0', ...serving]);

describe('lintConda', () => {
  it('finds nothing in an environment that serves', () => {
    expect(lintConda(good)).toEqual([]);
  });

  it.each([
    ['mlflow', true],
    ['mlflow>=2.9', true],
    ['mlflow==3.7.0', true],
    ['mlflow==3.8.1', true],
    ['mlflow<4', true],
    ['mlflow~=3.1', true],
    ['mlflow==3.*', true],
    ['mlflow<=3.7', true],
    ['mlflow-skinny', true],
    ['MLflow>2,!=3.0', true],
    ['mlflow==2.22.1', false],
    ['mlflow==3.6.0', false],
    ['mlflow<3.7', false],
    ['mlflow>=2.9, <3', false],
    ['mlflow~=2.9', false],
    ['mlflow~=3.6.1', false],
    ['mlflow==2.*', false],
    ['mlflow[extras]==2.22.1', false],
    ['mlflow==2.22.1 ; python_version>"3.8"', false],
    ['onnx', false],
  ])('judges %s: 3.7 or newer possible: %s', (pin, bad) => {
    const findings = lintConda(conda([...serving, `'${pin}'`]));
    expect(findings.map((one) => one.level)).toEqual(bad ? ['error'] : []);
    if (bad) expect(findings[0]).toMatchObject({ file: 'conda.yaml', line: 9 });
  });

  it('judges a conda pin as conda does', () => {
    const text = (pin: string) => good.replace('- pip<=24.0', `- ${pin}`);
    expect(lintConda(text('mlflow=2.9'))).toEqual([]);
    expect(lintConda(text('conda-forge::mlflow=3.7'))).toHaveLength(1);
    expect(lintConda(text('mlflow=2.9.2=pyhd8ed1ab_0'))).toEqual([]);
  });

  it.each(serving)('wants %s', (missing) => {
    const pip = serving.filter((one) => one !== missing);
    expect(lintConda(conda(['mlflow==2.22.1', ...pip]))).toEqual([
      expect.objectContaining({
        level: 'error',
        line: 4,
        what: expect.stringContaining(`${missing} is missing`) as string,
        advice: `Add "- ${missing}" under pip.`,
      }),
    ]);
  });

  it('knows that azureml-defaults brings the server, and underscores in names', () => {
    const pip = ['mlflow==2.22.1', 'azureml-defaults==1.60', 'azureml_ai_monitoring'];
    expect(lintConda(conda(pip))).toEqual([]);
  });

  it.each([
    ['python=3.7.16', 'error'],
    ['python=3.6', 'error'],
    ['python==3.9.18', 'warning'],
    ['python<3.10', 'warning'],
    ['python', 'warning'],
    ['python>=3.8', undefined],
    ['python=3.10', undefined],
    ['python=3.12.1', undefined],
  ])('judges %s: %s', (python, level) => {
    const findings = lintConda(conda(['mlflow==2.22.1', ...serving], python));
    expect(findings.map((one) => [one.level, one.line])).toEqual(level ? [[level, 4]] : []);
  });

  it.each([
    ['scikit-learn==0.24.2', 'warning'],
    ['scikit-learn==1.5.0', undefined],
    ['sklearn', 'error'],
  ])('judges %s: %s', (pin, level) => {
    const findings = lintConda(conda(['mlflow==2.22.1', ...serving, pin]));
    expect(findings.map((one) => one.level)).toEqual(level ? [level] : []);
  });

  it('skips options, URLs and paths among the requirements', () => {
    const pip = ['--extra-index-url https://x/simple', 'https://x/mlflow-3.9.whl', '-r more.txt'];
    expect(lintConda(conda(['mlflow==2.22.1', ...serving, ...pip]))).toEqual([]);
  });

  it('says where a file is broken, and what it lacks', () => {
    expect(lintConda('dependencies:\n- "open\n')[0]).toMatchObject({ level: 'error' });
    expect(lintConda('dependencies:\n- "open\n')[0]?.line).toBeGreaterThan(1);
    expect(lintConda('name: x\n')[0]?.what).toMatch(/no list named dependencies/);
    expect(lintConda('')[0]?.what).toMatch(/no list named dependencies/);
  });
});

describe('requirements', () => {
  it.each([
    ['a', undefined],
    ['a>=1', undefined],
    ['a!=1', undefined],
    ['a==1.2.3', [1, 2, 3]],
    ['a=1.2', [1, 2, Infinity]],
    ['a<3.7', [3, 6, Infinity]],
    ['a<4.0', [3, Infinity]],
    ['a<0', [0]],
    ['a>=1,<=2.5,<2.7', [2, 5]],
    ['a (<2.0)', [1, Infinity]],
  ])('%s is at most %j', (text, highest) => {
    expect(highestAllowed(parseRequirement(text)?.clauses ?? [])).toEqual(highest);
  });
});

describe('lintModelFolder', () => {
  const mlmodel = 'flavors:\n  python_function:\n    env:\n      conda: conda.yaml\n';

  async function lint(name: string, files: Record<string, string>) {
    mkdirSync(join(folder.path, name));
    for (const [file, text] of Object.entries(files)) folder.file(`${name}/${file}`, text);
    return lintModelFolder(await readModelFolder(join(folder.path, name)));
  }

  it('finds nothing in a good folder', async () => {
    const files = { MLmodel: mlmodel, 'conda.yaml': good, '.gitignore': '*.tmp\n' };
    expect(await lint('good', files)).toEqual([]);
  });

  it('finds the dot, the "!" pattern with its line, and the missing environment', async () => {
    const findings = await lint('model.v2', {
      MLmodel: mlmodel,
      '.amlignore': '*.log\n!keep.log\n',
      '.gitignore': '!other\n',
    });
    expect(findings.map(({ level, file, line }) => [level, file, line])).toEqual([
      ['error', '.', undefined],
      ['warning', '.amlignore', 2],
      ['error', 'conda.yaml', undefined],
    ]);
    expect(findings[0]?.advice).toContain('model-v2');
  });

  it('reads .gitignore where there is no .amlignore, and the environment that MLmodel names', async () => {
    const findings = await lint('named', {
      MLmodel: mlmodel.replace('conda.yaml', 'other.yaml'),
      '.gitignore': '!x\n',
      'other.yaml': good.replace('mlflow==2.22.1', 'mlflow'),
    });
    expect(findings.map(({ file, line }) => [file, line])).toEqual([
      ['.gitignore', 1],
      ['other.yaml', 7],
    ]);
  });
});
