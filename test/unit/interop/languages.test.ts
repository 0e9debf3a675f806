import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportFiles } from '../../../src/interop/export.js';
import { az as azureCli } from '../../../src/interop/languages/az.js';
import { LANGUAGES } from '../../../src/interop/languages/index.js';
import { codeFor } from '../../../src/interop/languages/language.js';
import { mlflow } from '../../../src/interop/languages/mlflow.js';
import { python } from '../../../src/interop/languages/python.js';
import { commandLines, heredoc, shellWord } from '../../../src/interop/shell.js';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import { deploymentYaml, endpointYaml } from '../../../src/interop/yaml-out.js';
import type { Change } from '../../../src/rollout/changes/change.js';
import { KINDS } from '../../../src/rollout/changes/kinds.js';
import { all, byKind, context, makeDeployment, makeEndpoint } from './changes.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { deployment, endpoint, snapshot } from '../rollout/fixtures.js';

const az = (change: Change) => {
  const code = codeFor(azureCli, change, context);
  return 'lines' in code ? code.lines.join('\n') : `# ${code.notExpressible}`;
};

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

describe('every language', () => {
  it('knows every kind of change', () => {
    expect(new Set(all.map((change) => change.kind))).toEqual(new Set(Object.keys(KINDS)));
  });

  it.each(all.map((change) => [change.kind, change] as const))(
    'says %s, or why not',
    (_, change) => {
      for (const language of LANGUAGES) {
        const code = codeFor(language, change, context);
        const text = 'lines' in code ? code.lines.join('\n') : code.notExpressible;
        // Code says what it acts on; a refusal is a sentence.
        const subject = 'endpoint' in change ? change.endpoint : change.model;
        if ('lines' in code) expect(text).toContain(subject);
        else expect(text).toMatch(/^[A-Z].* .*\.$/);
        expect(text).not.toContain('do-not-show');
        if ('lines' in code) for (const line of code.lines) expect(line).not.toContain('\n');
      }
    },
  );

  it('says that the Python client writes the names of a split in lower case', () => {
    const change = { ...byKind('setTraffic'), to: { default: 90, 'X-8': 10 } } as Change;
    expect(codeFor(python, change, context)).toMatchObject({
      notExpressible: expect.stringContaining('Use "x-8" instead') as string,
    });
  });

  it('says why MLflow has no words for scaling', () => {
    expect(codeFor(mlflow, byKind('scaleDeployment'), context)).toMatchObject({
      notExpressible: expect.stringContaining('instances'),
    });
  });
});

describe('shell words', () => {
  it.each([
    'plain',
    'two words',
    `it's`,
    '$HOME',
    '`id`',
    '"q"',
    '',
    'a\\b',
    'x;y',
    '-n',
    'ünï',
    'two\nlines',
    "tab\tit's \\ $HOME",
    '\x1b[31m',
  ])('come out of a real shell as they went in: %j', (text) => {
    const ran = spawnSync('bash', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
    expect(ran.stdout).toBe(text);
    expect(shellWord(text)).not.toMatch(/\p{Cc}/u);
  });

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
    expect(back).toEqual({ name, spec, notes: [] });
  });

  it('names code and the mount path in each language that has them', () => {
    const path = "../it's; $(x) src";
    const codeConfiguration = { folder: path, scoringScript: 'score.py' };
    const own = { codeConfiguration, modelMountPath: '/var/m', environment: 'azureml:e:1' };
    const change = { ...makeDeployment, spec: { ...makeDeployment.spec, ...own } };
    expect(readDeploymentFile(deploymentYaml(change), 'd.yml').spec).toMatchObject(own);
    const written = JSON.stringify(codeFor(python, change, context));
    expect(written).toContain(
      JSON.stringify(`CodeConfiguration(code="${path}", scoring_script="score.py")`).slice(1, -1),
    );
    expect(codeFor(mlflow, change, context)).toHaveProperty('notExpressible');
    const registered = { codeId: '/subscriptions/s/codes/c/versions/2', scoringScript: 's.py' };
    const inherits = { ...change, spec: { ...change.spec, codeConfiguration: registered } };
    expect(deploymentYaml(inherits)).toContain('code: azureml:c:2');
  });

  it('is the same deployment, with the variables that may be seen', () => {
    const back = readDeploymentFile(
      deploymentYaml(makeDeployment, { visible: ['WORKERS', 'API_KEY'] }),
      'deployment.yml',
    );
    const { model: _, ...spec } = makeDeployment.spec;
    expect(back).toEqual({
      name: 'x-8',
      endpoint: 'heart',
      model: { kind: 'version', name: 'heart-classifier', version: '8' },
      spec: { ...spec, environmentVariables: { WORKERS: '2' } },
      notes: [],
    });
  });
});

describe('the exported files', async () => {
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
    line: events.length,
    result: {
      purpose: 'prove',
      csv: { name: 'a|b\n<i>.csv', sha256: 'f00`<i>', seed: 4711, rows: 2, rowNumbers: [3, 9] },
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
  const files = await exportFiles(now, view, {
    program: 'aml-rollout 0',
    reach: '--profile ml-prod',
    reportedAt: '2026-01-02',
  });
  const text = (name: string) => files.find((file) => file.name === name)!.text;

  it('tell what was done, how to go back, and how to make each deployment again', () => {
    const report = text('report.md');
    expect(report).toContain('seed 4711');
    expect(report).toContain('differing rows: 9');
    expect(report).toContain('--traffic "default=100 x-8=0"');
    expect(report).toContain('### x-8');
    expect(report).toContain('a\\|b \\<i\\>.csv');
    expect(report).toContain('SHA-256 `f00\\`\\<i\\>`');
    expect(JSON.parse(text('report.json'))).toMatchObject({ format: 1, outcome: 'partly' });
  });

  it('hold no secret', () => {
    for (const file of files) expect(file.text).not.toContain('do-not-show');
  });
});
