import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inAz } from '../../../src/interop/az.js';
import { exportFiles } from '../../../src/interop/export.js';
import { inMlflow } from '../../../src/interop/mlflow.js';
import { inPython } from '../../../src/interop/python.js';
import { azScript, mlflowScript, pythonScript } from '../../../src/interop/script.js';
import { commandLines, heredoc, shellWord } from '../../../src/interop/shell.js';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import { deploymentYaml, endpointYaml } from '../../../src/interop/yaml-out.js';
import type {
  Change,
  CreateDeployment,
  CreateEndpoint,
} from '../../../src/rollout/changes/change.js';
import { KINDS } from '../../../src/rollout/changes/kinds.js';
import { journalView } from '../../../src/rollout/view.js';
import { deployment, endpoint, modelId, snapshot } from '../rollout/fixtures.js';

const context = { subscriptionId: 'sub', resourceGroup: 'my rg', workspaceName: 'ws' };
const HOSTILE = `it's "$(touch pwned)" \`id\` \\ $HOME`;

const makeEndpoint: CreateEndpoint = {
  kind: 'createEndpoint',
  endpoint: 'heart',
  authMode: 'key',
  identity: { type: 'system_assigned' },
  description: HOSTILE,
  tags: { team: 'a: b # c' },
};
const makeDeployment: CreateDeployment = {
  kind: 'createDeployment',
  endpoint: 'heart',
  deployment: 'x-8',
  role: 'green',
  spec: {
    model: modelId('heart-classifier', '8'),
    instanceType: 'Standard_DS3_v2',
    instanceCount: 2,
    description: HOSTILE,
    environmentVariables: { WORKERS: '2', API_KEY: 'do-not-show' },
    requestSettings: {
      requestTimeoutMs: 5000,
      maxConcurrentRequestsPerInstance: 2,
      maxQueueWaitMs: 500,
    },
    livenessProbe: {
      initialDelay: 500,
      period: 10,
      timeout: 2,
      successThreshold: 1,
      failureThreshold: 30,
    },
  },
};
const all: Change[] = [
  {
    kind: 'registerModel',
    model: 'heart-classifier',
    version: '8',
    folder: `/models/it's here`,
    description: HOSTILE,
    tags: { note: 'two words' },
    flavors: { sklearn: { version: '1.5' } },
  },
  makeEndpoint,
  makeDeployment,
  {
    kind: 'setTraffic',
    endpoint: 'heart',
    from: { default: 100 },
    to: { default: 90, 'x-8': 10 },
    tags: { 'amlr-start': 'default=100', 'amlr-previous': null },
    why: 'advance',
  },
  { kind: 'setMirror', endpoint: 'heart', from: { 'x-8': 10 }, to: {} },
  { kind: 'scaleDeployment', endpoint: 'heart', deployment: 'x-8', from: 2, to: 3 },
  { kind: 'deleteDeployment', endpoint: 'heart', deployment: 'default' },
  { kind: 'deleteEndpoint', endpoint: 'heart' },
];

const az = (change: Change) => {
  const code = inAz(change, context);
  return 'lines' in code ? code.lines.join('\n') : `# ${code.notExpressible}`;
};
const byKind = (kind: Change['kind']) => all.find((change) => change.kind === kind)!;

describe('az', () => {
  it('says traffic with every name, and tags beside it', () => {
    expect(az(byKind('setTraffic'))).toBe(
      [
        'az ml online-endpoint update --name heart \\',
        '  --traffic "default=90 x-8=10" \\',
        '  --set tags.amlr-start=default=100 \\',
        '  --remove tags.amlr-previous \\',
        '  --subscription sub \\',
        "  --resource-group 'my rg' --workspace-name ws",
      ].join('\n'),
    );
  });

  it('turns a mirror off by name', () => {
    expect(az(byKind('setMirror'))).toContain('--mirror-traffic "x-8=0"');
  });

  it('never asks back when it deletes', () => {
    expect(az(byKind('deleteDeployment'))).toContain('--endpoint-name heart --yes');
    expect(az(byKind('deleteEndpoint'))).toContain('--name heart --yes');
  });

  it('writes deployment.yml with the model by name and version', () => {
    const text = az(makeDeployment);
    expect(text).toContain('model: azureml:heart-classifier:8');
    expect(text).toContain('--set environment_variables.API_KEY="$API_KEY"');
    expect(text).not.toContain('do-not-show');
  });
});

describe('every dialect', () => {
  it('knows every kind of change', () => {
    expect(new Set(all.map((change) => change.kind))).toEqual(new Set(Object.keys(KINDS)));
  });

  it.each(all.map((change) => [change.kind, change] as const))(
    'says %s, or why not',
    (_, change) => {
      for (const code of [
        inAz(change, context),
        inPython(change, context),
        inMlflow(change, context),
      ]) {
        const text = 'lines' in code ? code.lines.join('\n') : code.notExpressible;
        expect(text.length).toBeGreaterThan(10);
        expect(text).not.toContain('do-not-show');
        if ('lines' in code) for (const line of code.lines) expect(line).not.toContain('\n');
      }
    },
  );

  it('says why MLflow has no words for scaling', () => {
    expect(inMlflow(byKind('scaleDeployment'), context)).toMatchObject({
      notExpressible: expect.stringContaining('instances'),
    });
  });
});

describe('shell words', () => {
  it.each(['plain', 'two words', `it's`, '$HOME', '`id`', '"q"', '', 'a\\b', 'x;y', '-n', 'ünï'])(
    'come out of a real shell as they went in: %j',
    (text) => {
      const ran = spawnSync('bash', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
      expect(ran.stdout).toBe(text);
    },
  );

  it('leave a file as it is, even one that holds the end mark', () => {
    const text = 'a: $HOME `id`\nYAML\nb: 1\n';
    const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-heredoc-'));
    const script = [...heredoc("it's.yml", text), ...commandLines(['cat', '*.yml'])].join('\n');
    const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: folder });
    rmSync(folder, { recursive: true });
    expect(ran.stdout).toBe(text);
  });
});

describe('YAML out and in', () => {
  it('is the same endpoint', () => {
    const back = readEndpointFile(endpointYaml(makeEndpoint), 'endpoint.yml');
    const { kind: _, endpoint: name, ...spec } = makeEndpoint;
    expect(back).toEqual({ name, spec });
  });

  it('is the same deployment, but for secret variables', () => {
    const back = readDeploymentFile(deploymentYaml(makeDeployment), 'deployment.yml');
    const { model: _, ...spec } = makeDeployment.spec;
    expect(back).toEqual({
      name: 'x-8',
      endpoint: 'heart',
      model: { kind: 'version', name: 'heart-classifier', version: '8' },
      spec: { ...spec, environmentVariables: { WORKERS: '2' } },
    });
  });
});

describe('whole scripts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-scripts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Stands in for the Azure CLI: writes down what it was called with. */
  function runAz(script: string): { status: number | null; stderr: string; calls: string[][] } {
    const log = join(folder, 'calls');
    writeFileSync(log, '');
    writeFileSync(
      join(folder, 'az'),
      `#!/usr/bin/env bash\nprintf '%s\\0' "$@" >> '${log}'\nprintf '\\n\\0' >> '${log}'\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(folder, 'rollout.sh'), script);
    const ran = spawnSync('bash', ['rollout.sh'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, API_KEY: 'from outside' },
    });
    const words = readFileSync(log, 'utf8').split('\0');
    const calls: string[][] = [[]];
    for (const word of words) {
      if (word === '\n') calls.push([]);
      else calls.at(-1)!.push(word);
    }
    return { status: ran.status, stderr: ran.stderr, calls: calls.slice(0, -1) };
  }

  it('run in bash as they read, with hostile text and nothing expanded', () => {
    const { status, stderr, calls } = runAz(azScript(all, context));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(calls).toHaveLength(all.length);
    for (const call of calls) {
      expect(call.slice(-6)).toEqual([
        '--subscription',
        'sub',
        '--resource-group',
        'my rg',
        '--workspace-name',
        'ws',
      ]);
    }
    const [register, , create, traffic] = calls;
    expect(register).toContain(HOSTILE);
    expect(register).toContain(`/models/it's here`);
    expect(create).toContain('environment_variables.API_KEY=from outside');
    expect(traffic).toContain('default=90 x-8=10');
    expect(traffic?.join(' ')).not.toContain('amlr-');
    const yaml = readFileSync(join(folder, 'x-8.deployment.yml'), 'utf8');
    expect(readDeploymentFile(yaml, 'f').spec.description).toBe(HOSTILE);
  });

  it('are valid Python', () => {
    for (const text of [
      pythonScript(all, context),
      mlflowScript(all, { ...context, location: 'westeurope' }),
    ]) {
      const ran = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: text,
        encoding: 'utf8',
      });
      if (ran.error) return;
      expect(ran.stderr).toBe('');
      expect(text).not.toContain('do-not-show');
    }
  });

  it('import what they use, and nothing else', () => {
    const text = pythonScript([byKind('setTraffic')], context);
    expect(text).not.toContain('azure.ai.ml.entities');
    expect(pythonScript(all, context)).toContain('import os\n');
  });
});

describe('the exported files', () => {
  const events = all.slice(0, 4).flatMap((change, index) => [
    {
      event: 'begun' as const,
      id: index,
      change,
      title: `change ${index}`,
      splitBefore: { default: 100 },
    },
    {
      event: 'ended' as const,
      id: index,
      ok: true as const,
      readBack: 'confirmed' as const,
      seconds: 2,
    },
  ]);
  const view = journalView(
    events.map((event, index) => ({ at: '2026-01-01T00:00:00.000Z', seq: index + 1, ...event })),
  );
  view.tests.push({
    at: '2026-01-01T00:00:01.000Z',
    result: {
      purpose: 'prove',
      csv: { name: 'a|b\n<i>.csv', sha256: 'f00', seed: 4711, rows: 2, rowNumbers: [3, 9] },
      deployments: ['default', 'x-8'],
      answered: 4,
      failed: 0,
      agreed: 1,
      differing: [9],
      medianLatencyMs: { default: 41, 'x-8': 44 },
    },
  });
  const now = snapshot(
    endpoint({ default: 90, 'x-8': 10 }, { tags: { 'amlr-start': 'default=100' } }),
    [deployment('default'), deployment('x-8')],
  );
  const files = exportFiles(now, view, { program: 'aml-rollout 0', reportedAt: '2026-01-02' });
  const text = (name: string) => files.find((file) => file.name === name)!.text;

  it('tell what was done, how to go back, and how to make each deployment again', () => {
    const report = text('report.md');
    expect(report).toContain('seed 4711');
    expect(report).toContain('rows that differ: 9');
    expect(report).toContain('--traffic "default=100 x-8=0"');
    expect(report).toContain('### x-8');
    expect(report).toContain('a\\|b \\<i\\>.csv');
    expect(JSON.parse(text('report.json'))).toMatchObject({ format: 1, outcome: 'partly' });
  });

  it('hold no secret', () => {
    for (const file of files) expect(file.text).not.toContain('do-not-show');
  });
});
