import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeEnvironment } from '../../../src/sandbox/scoring/container-env.js';
import { lintConda } from '../../../src/sampling/conda-lint.js';
import { lintModelFolder } from '../../../src/sampling/folder-lint.js';
import { readModelFolder } from '../../../src/sampling/model-folder.js';
import { highestAllowed, parseRequirement } from '../../../src/sampling/requirement.js';
import { filesToUpload } from '../../../src/azure/upload.js';
import { modelFindings } from '../../../src/rollout/preflight/model-folder.js';
import { growth, scratch } from './support.js';

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

  it.each([
    ['mlflow', true],
    ['mlflow>=2.9', true],
    ['mlflow<=3.7', true],
    ['mlflow~=3.1', true],
    ['mlflow==3.9.0', false],
    ['mlflow>=3.8,<4', false],
    ['mlflow~=3.7', false],
  ])('a model of %s can be pinned below 3.7: %s', (pin, can) => {
    const [finding] = lintConda(conda([...serving, `'${pin}'`]));
    expect(finding?.advice).toMatch(
      can
        ? /^Pin the version that trained the model, below 3\.7/
        : /^Log the model again with mlflow<3\.7, or/,
    );
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
    const pip = ['--extra-index-url https://x/simple', 'https://x/mlflow-3.9.whl', '-e .'];
    expect(lintConda(conda(['mlflow==2.22.1', ...serving, ...pip]))).toEqual([]);
  });

  // Azure/azureml-examples#4009 and #4004: 1.3.0 to 1.3.4 import azureml.contrib.services.
  it.each([
    ['azureml-inference-server-http==1.3.2', 'python=3.11', />=1\.4\./],
    ['azureml-inference-server-http<1.4', 'python=3.11', />=1\.4\./],
    ['azureml-inference-server-http~=1.3.0', 'python=3.10', />=1\.4\./],
    ['azureml-inference-server-http', 'python=3.8.15', /<1\.3: .*Python 3\.9/],
    ['azureml-inference-server-http>=1.3', 'python=3.8', /<1\.3: /],
    ['azureml-inference-server-http', 'python=3.11', undefined],
    ['azureml-inference-server-http<1.3', 'python=3.8', undefined],
    ['azureml-inference-server-http~=1.3', 'python=3.11', undefined],
    ['azureml-inference-server-http==1.5.1', 'python=3.11', undefined],
  ])('judges %s on %s', (server, python, advice) => {
    const pip = ['mlflow==2.22.1', server, 'azureml-ai-monitoring'];
    const findings = lintConda(conda(pip, python)).filter(({ level }) => level === 'error');
    expect(findings).toEqual(
      advice
        ? [expect.objectContaining({ line: 8, advice: expect.stringMatching(advice) as string })]
        : [],
    );
  });

  it.each([
    ['pip<=21.3.1', 'python=3.10', true],
    ['pip=20', 'python=3.12', true],
    ['pip<=21.3.1', 'python=3.9', false],
    ['pip<=23', 'python=3.10', false],
    ['pip', 'python=3.10', false],
  ])('judges %s on %s', (pip, python, old) => {
    const text = conda(['mlflow==2.22.1', ...serving], python).replace('pip<=24.0', pip);
    const found = lintConda(text).filter(({ what }) => what.startsWith('pip'));
    expect(found.map(({ level, line }) => [level, line])).toEqual(old ? [['warning', 5]] : []);
  });

  it('reads a file of requirements, and says that the image build may not', () => {
    const text = conda(['-r requirements.txt']);
    const all = ['mlflow==2.22.1', ...serving].join('\n');
    const findings = (requirements: string) =>
      lintConda(text, 'conda.yaml', new Map([['requirements.txt', requirements]]));
    expect(findings(all)).toEqual([
      expect.objectContaining({
        level: 'warning',
        line: 7,
        advice: 'List the packages here under pip.',
      }),
    ]);
    expect(findings(all.replace('==2.22.1', '')).map(({ what }) => what)).toEqual([
      expect.stringContaining('requirements.txt'),
      expect.stringContaining('mlflow is not pinned'),
    ]);
    expect(lintConda(conda(['mlflow<3', ...serving, '--requirement=r.txt']))).toEqual([
      expect.objectContaining({
        level: 'error',
        what: expect.stringContaining('r.txt is not in') as string,
      }),
    ]);
  });

  it('names one pin of mlflow, the one that the sandbox names', () => {
    const [finding] = lintConda(conda(['mlflow', ...serving]));
    const [, pin] = /(mlflow<[\d.]+\d)/.exec(finding?.advice ?? '') ?? [];
    const crash = judgeEnvironment(conda(['mlflow', ...serving]), undefined);
    expect(pin).toBe('mlflow<3.7');
    expect(crash?.log.join('\n')).toContain(`pin ${pin} in`);
    expect(judgeEnvironment(conda([String(pin), ...serving]), undefined)).toBeUndefined();
    expect(lintConda(conda([String(pin), ...serving]))).toEqual([]);
  });

  it('of ten times the blanks takes about ten times as long, and says what is too long', async () => {
    const work = (blanks: number) => parseRequirement(`a${' '.repeat(blanks)}b`);
    expect(await growth(200_000, work)).toBeLessThan(40);
    const long = lintConda(conda(['mlflow==2.22.1', ...serving, `a${' '.repeat(100_000)}b`]));
    expect(long).toEqual([
      expect.objectContaining({
        line: 10,
        what: 'This dependency is longer than 2,000 characters.',
      }),
    ]);
    expect(lintConda(`${good}#${' '.repeat(3_000_000)}`)[0]?.what).toBe(
      'The file is longer than 2 MB.',
    );
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
    mkdirSync(join(folder.path, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) folder.file(`${name}/${file}`, text);
    return lintModelFolder(await readModelFolder(join(folder.path, name)));
  }

  it('finds nothing in a good folder', async () => {
    const files = { MLmodel: mlmodel, 'conda.yaml': good, '.gitignore': '*.tmp\n' };
    expect(await lint('good', files)).toEqual([]);
  });

  it('finds a pattern of an ignore file that is longer than a path, before anything is sent', async () => {
    const ignored = `*.log\n${'x'.repeat(100_000)}\n`;
    const files = { MLmodel: mlmodel, 'conda.yaml': good, '.amlignore': ignored };
    expect(await lint('long-pattern', files)).toEqual([
      {
        level: 'error',
        file: '.amlignore',
        line: 2,
        what: 'The pattern is longer than 4,096 characters.',
        advice: 'Shorten the line, or remove it.',
      },
    ]);
    expect(
      await modelFindings(join(folder.path, 'long-pattern'), 'heart', filesToUpload),
    ).toContainEqual(expect.objectContaining({ state: 'fail', what: 'model' }));
  });

  it('finds the dot, the "!" pattern with its line, and the missing environment', async () => {
    const findings = await lint('model.v2', {
      MLmodel: mlmodel,
      '.amlignore': '*.log\n!keep.log\n',
      '.gitignore': '!other\n',
    });
    expect(findings.map(({ level, file, line }) => [level, file, line])).toEqual([
      ['error', '.', undefined],
      ['error', '.amlignore', 2],
      ['error', 'conda.yaml', undefined],
    ]);
    expect(findings[0]?.advice).toContain('model-v2');
  });

  it('finds what the ignore file keeps from the upload', async () => {
    const named = `${mlmodel}    model_path: model.pkl\n    data: ./data/\n`;
    const files = { MLmodel: named, 'conda.yaml': good, 'model.pkl': 'p', 'data/rows': 'r' };
    const findings = async (name: string, ignored: string) => {
      mkdirSync(join(folder.path, name, 'data'), { recursive: true });
      await lint(name, { ...files, '.gitignore': ignored });
      const found = await modelFindings(join(folder.path, name), name, filesToUpload);
      return found.filter(({ state }) => state === 'fail').map(({ detail }) => detail);
    };
    expect(await findings('sent', '*.tmp\n')).toEqual([]);
    expect(await findings('no-mlmodel', 'MLmodel\n')).toEqual([
      expect.stringMatching(/no-mlmodel, \.: .* has no MLmodel file \(or its ignore file excludes/),
    ]);
    expect(await findings('nothing', '*\n')).toEqual([
      expect.stringMatching(/nothing, \.: There is nothing to upload in/),
    ]);
    expect(await findings('back', '!keep.tmp\n')).toEqual([
      expect.stringMatching(/back, \.gitignore line 1: The pattern !keep\.tmp/),
    ]);
    expect(await findings('parts', '*.pkl\ndata/\nconda.*\n')).toEqual([
      expect.stringMatching(/parts, MLmodel: It names model\.pkl, which is not uploaded/),
      expect.stringMatching(/parts, MLmodel: It names data, which is not uploaded/),
      expect.stringMatching(/parts, conda\.yaml: It is not uploaded/),
    ]);
  });

  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345\n';
  const flavors = `${mlmodel}    model_path: model.pkl
  sklearn:
    pickled_model: model.pkl
  other:
    data: s3://bucket/x
    model_data: ../elsewhere
`;

  it('finds the file that MLmodel names and the folder does not hold', async () => {
    const findings = await lint('clone', { MLmodel: flavors, 'conda.yaml': good });
    expect(findings).toEqual([
      {
        level: 'error',
        file: 'MLmodel',
        what: "It names model.pkl, which is not in the folder; the container can't load the model.",
        advice: expect.stringContaining('git lfs pull') as string,
      },
    ]);
  });

  it('finds a device in place of a file', async () => {
    mkdirSync(join(folder.path, 'device'));
    symlinkSync('/dev/null', join(folder.path, 'device', 'model.pkl'));
    await lint('device', { MLmodel: flavors, 'conda.yaml': good });
    const found = await modelFindings(join(folder.path, 'device'), 'heart', filesToUpload);
    expect(found.filter(({ state }) => state === 'fail').map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/It names model\.pkl, which is a pipe, a socket or a device/),
    ]);
  });

  it('finds a Git LFS pointer in place of a file, in folders too', async () => {
    const files = { MLmodel: flavors, 'conda.yaml': good, 'model.pkl': pointer };
    mkdirSync(join(folder.path, 'pointers', 'data'), { recursive: true });
    for (let at = 0; at < 6; at += 1) folder.file(`pointers/data/part${at}.bin`, pointer);
    for (const [file, text] of Object.entries(files)) folder.file(`pointers/${file}`, text);
    folder.file('pointers/about-lfs.md', `${pointer}${'more\n'.repeat(400)}`);
    const findings = await lintModelFolder(await readModelFolder(join(folder.path, 'pointers')));
    expect(findings.map(({ level, file }) => [level, file])).toEqual([
      ...[
        'data/part0.bin',
        'data/part1.bin',
        'data/part2.bin',
        'data/part3.bin',
        'data/part4.bin',
      ].map((file) => ['error', file]),
      ['error', '.'],
    ]);
    expect(findings[5]?.what).toBe('2 more files are Git LFS pointers.');
    expect(findings[0]?.advice).toContain('git lfs pull');
  });

  it('finds nothing where the files are there', async () => {
    const files = { MLmodel: flavors, 'conda.yaml': good, 'model.pkl': 'x'.repeat(2_000) };
    expect(await lint('whole', files)).toEqual([]);
  });

  it('reads the requirements that conda.yaml names, of this folder only', async () => {
    const text = conda(['-r requirements.txt', '-r ../secret.txt']);
    folder.file('secret.txt', 'mlflow==3.9\n');
    const findings = await lint('listed', {
      MLmodel: mlmodel,
      'conda.yaml': text,
      'requirements.txt': `mlflow==2.22.1\n${serving.join('\n')}\n`,
    });
    expect(findings.map(({ level, line }) => [level, line])).toEqual([
      ['warning', 7],
      ['error', 8],
    ]);
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
