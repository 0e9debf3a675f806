import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { codeFiles } from '../../../src/interop/export.js';
import { shellWord } from '../../../src/interop/shell.js';
import { NEXT_VERSION, type Change } from '../../../src/rollout/changes/change.js';
import { modelId } from '../rollout/fixtures.js';
import { all, byKind, context, HOSTILE, makeDeployment } from './changes.js';

const textOf = (changes: readonly Change[], name: string) =>
  codeFiles(changes, context, { visible: ['WORKERS'] }).find((file) => file.name === name)!.text;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Stands in for the Azure CLI: writes down what it was called with, and answers a question by the
 * first line of `answers` whose pattern is in it.
 */
function runAz(changes: readonly Change[], answers: [pattern: string, answer: string][] = []) {
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  const cases = answers.map(([pattern, answer]) => `*${shellWord(pattern)}*) echo '${answer}' ;;`);
  writeFileSync(
    join(folder, 'az'),
    [
      '#!/usr/bin/env bash',
      `printf '%s\\0' "$@" >> '${log}'; printf '\\n\\0' >> '${log}'`,
      `case "$*" in ${cases.join(' ')} esac`,
    ].join('\n'),
    { mode: 0o755 },
  );
  for (const file of codeFiles(changes, context, { visible: ['WORKERS'] }))
    writeFileSync(join(folder, file.name), file.text);
  // From elsewhere: it finds its files by itself.
  const ran = spawnSync('bash', [join(folder, 'rollout.sh')], {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, API_KEY: 'from outside' },
  });
  const calls: string[][] = [[]];
  for (const word of readFileSync(log, 'utf8').split('\0')) {
    if (word === '\n') calls.push([]);
    else calls.at(-1)!.push(word);
  }
  const said = calls.slice(0, -1);
  return {
    status: ran.status,
    stdout: ran.stdout,
    stderr: ran.stderr,
    said,
    wrote: said.filter((call) => !call.includes('list')),
  };
}

describe('the script for the shell', () => {
  it('runs as it reads, with hostile text and nothing expanded', () => {
    const answers: [string, string][] = [
      // What is deleted at the end has to be there.
      ["[?name=='default'].provisioning_state", 'Succeeded'],
    ];
    const { status, stderr, wrote } = runAz(all.slice(0, -1), answers);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(wrote.map((call) => call.slice(1, 3).join(' '))).toEqual([
      'model create',
      'online-endpoint create',
      'online-deployment create',
      'online-endpoint update',
      'online-endpoint update',
      'online-deployment update',
      'model package',
      'online-deployment delete',
    ]);
    for (const call of wrote) {
      expect(call.slice(-6)).toEqual([
        '--subscription',
        'sub',
        '--resource-group',
        'my rg',
        '--workspace-name',
        'ws',
      ]);
    }
    const [register, , create, traffic] = wrote;
    expect(register).toContain(HOSTILE);
    expect(register).toContain(`/models/it's here`);
    expect(create).toContain('green-deployment.yml');
    expect(create).toContain('environment_variables.API_KEY=from outside');
    expect(traffic).toContain('default=90 x-8=10');
    expect(traffic?.join(' ')).not.toContain('amlr-');
    const yaml = readFileSync(join(folder, 'green-deployment.yml'), 'utf8');
    expect(readDeploymentFile(yaml, 'f').spec.description).toBe(HOSTILE);
  });

  it('leaves alone what is there, and asks the new deployment before it has traffic', () => {
    writeFileSync(join(folder, 'sample.json'), '{}');
    const { status, wrote, stdout } = runAz(all.slice(1, 4), [
      ["[?name=='heart'].provisioning_state", 'Succeeded'],
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('heart already exists');
    expect(wrote.map((call) => call.slice(1, 3).join(' '))).toEqual([
      'online-deployment create',
      'online-endpoint invoke',
      'online-endpoint update',
    ]);
    expect(wrote[1]).toEqual(
      expect.arrayContaining(['--deployment-name', 'x-8', '--request-file', 'sample.json']),
    );
  });

  it('moves no traffic when the split at the end is live', () => {
    const { status, wrote, stdout } = runAz(all.slice(0, 4), [
      ['traffic."default"', '90'],
      ['traffic."x-8"', '10'],
      ["[?name=='x-8'].provisioning_state", 'Succeeded'],
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('already live');
    expect(wrote).toEqual([]);
  });

  it('stops at a deployment that failed, before any traffic', () => {
    const { status, wrote, stderr } = runAz(all.slice(1, 4), [
      ["[?name=='x-8'].provisioning_state", 'Failed'],
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('x-8 is Failed');
    expect(wrote.map((call) => call.slice(1, 3).join(' '))).toEqual(['online-endpoint create']);
  });

  it('wants secret variables from outside', () => {
    const { said } = runAz([makeDeployment]);
    expect(said.flat().join(' ')).not.toContain('do-not-show');
    const text = textOf([makeDeployment], 'rollout.sh');
    const ran = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(text).toContain(': "${API_KEY:?');
  });

  it('registers a version that is not known yet along with its deployment', () => {
    const id = modelId('heart-classifier', NEXT_VERSION);
    const { wrote } = runAz([
      { kind: 'registerModel', model: 'heart-classifier', version: NEXT_VERSION, folder: '/m/v2' },
      { ...makeDeployment, spec: { ...makeDeployment.spec, model: id } },
    ]);
    expect(wrote).toHaveLength(1);
    const yaml = readFileSync(join(folder, 'green-deployment.yml'), 'utf8');
    expect(readDeploymentFile(yaml, 'f').model).toEqual({
      kind: 'folder',
      name: 'heart-classifier',
      path: '/m/v2',
    });
  });
});

describe('the scripts for Python', () => {
  /** Without a secret variable, which MLflow has no way to be handed. */
  const openSpec = { ...makeDeployment.spec, environmentVariables: { WORKERS: '2' } };
  const open = all.map((change) =>
    change.kind === 'createDeployment' ? { ...change, spec: openSpec } : change,
  );
  const next: Change[] = [
    { kind: 'registerModel', model: 'm', version: NEXT_VERSION, folder: '/m/v2' },
    { ...makeDeployment, spec: { ...openSpec, model: modelId('m', NEXT_VERSION) } },
  ];

  it.each([
    ['everything', all],
    ['everything but secrets', open],
    ['one write of traffic', [byKind('setTraffic')]],
    ['only what is left out', [byKind('scaleDeployment')]],
    ['a version not known yet', next],
  ] as [string, Change[]][])('are valid: %s', (_, changes) => {
    for (const name of ['rollout.py', 'rollout_mlflow.py']) {
      const text = textOf(changes, name);
      const ran = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: text,
        encoding: 'utf8',
      });
      if (ran.error) return;
      expect(ran.stderr).toBe('');
      expect(text).not.toContain('do-not-show');
      expect(text).not.toContain(NEXT_VERSION);
    }
  });

  it('import and define what they use, and nothing else', () => {
    const text = textOf([byKind('setTraffic')], 'rollout.py');
    expect(text).not.toContain('azure.ai.ml.entities');
    expect(text).not.toContain('def ask');
    expect(text).toContain('def is_done');
    const whole = textOf(all, 'rollout.py');
    expect(whole).toContain('"API_KEY": os.environ["API_KEY"]');
    expect(whole).toContain('def ask');
  });

  it('deploy the version that MLflow gave', () => {
    const text = textOf(open, 'rollout_mlflow.py');
    expect(text).toContain('version_1 = version_of("heart-classifier", "8", "/models/it\'s here")');
    expect(text).toContain('model_uri=f"models:/heart-classifier/{version_1}"');
    expect(textOf(next, 'rollout_mlflow.py')).toContain('f"models:/m/{registered.version}"');
  });

  it('say a folder relative to where they stand', () => {
    const files = codeFiles(next, context, { dir: '/m/out' });
    expect(files.find((file) => file.name === 'rollout.py')!.text).toContain('path="../v2"');
    expect(files.find((file) => file.name === 'green-deployment.yml')!.text).toContain('../v2');
  });
});
