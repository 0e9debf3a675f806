/** The steps of samples/pipelines, run as they are written, on a sandbox. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { headless } from '../support/headless.js';
import { SAMPLES } from '../support/sample-plan.js';
import { MAIN } from '../support/sandbox.js';

const desk = headless();
const { home } = desk;

interface Step {
  run?: string;
  bash?: string;
  inputs?: { inlineScript?: string };
}
interface Workflow {
  env: Record<string, string>;
  jobs: Record<'run' | 'approve', { steps: Step[] }>;
}
interface Stage {
  jobs: { steps?: Step[]; strategy?: { runOnce: { deploy: { steps: Step[] } } } }[];
}

const read = (name: string): unknown =>
  parse(readFileSync(join(SAMPLES, 'pipelines', name), 'utf8'));
const github = read('github-actions.yml') as Workflow;
const azure = read('azure-pipelines.yml') as { variables: Workflow['env']; stages: Stage[] };

/** Without the installation of the program, which is here. */
const scripts = (steps: readonly Step[]): string[] =>
  steps
    .map(({ run, bash, inputs }) => run ?? bash ?? inputs?.inlineScript ?? '')
    .filter((script) => script !== '' && !script.startsWith('npm install'));

const ofStage = ({ jobs }: Stage): Step[] =>
  jobs.flatMap(({ steps, strategy }) => steps ?? strategy?.runOnce.deploy.steps ?? []);

/** As the shells of both services run a script, in a folder that is a checkout. */
function inShell(script: string): Promise<{ code: number; text: string }> {
  const env = {
    ...process.env,
    ...desk.env,
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    PLAN: github.env['PLAN'],
    REACH: '--sandbox',
    GITHUB_OUTPUT: join(home, 'output'),
    GITHUB_STEP_SUMMARY: join(home, 'summary.md'),
  };
  return new Promise((resolve) => {
    execFile('bash', ['-eo', 'pipefail', '-c', script], { cwd: home, env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), text: out + err }),
    );
  });
}

describe.sequential('samples/pipelines', () => {
  it('run the same commands in both files', () => {
    const commands = (all: string[]): string[] =>
      all.flatMap((script) => script.match(/^aml-rollout .*$/gm) ?? []);
    const steps = [...github.jobs.run.steps, ...github.jobs.approve.steps];
    const expected = commands(scripts(steps));
    expect(expected).toHaveLength(2);
    expect(commands(scripts(azure.stages.flatMap(ofStage)))).toEqual(expected);
    expect(azure.variables['PLAN']).toBe(github.env['PLAN']);
    for (const { REACH = '' } of [azure.variables, github.env]) {
      expect(REACH.match(/--[a-z-]+/g)).toEqual([
        '--subscription',
        '--resource-group',
        '--workspace',
        '--sign-in',
      ]);
    }
  });

  it('wait for approval, and then promote', async () => {
    cpSync(SAMPLES, join(home, 'samples'), { recursive: true });
    mkdirSync(join(home, 'bin'));
    const shim = join(home, 'bin', 'aml-rollout');
    writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(shim, 0o755);
    const [run = '', report = ''] = scripts(github.jobs.run.steps);
    const ran = await inShell(run);
    expect(ran.text).toContain('Approval required at 10%.');
    expect(ran.code).toBe(0);
    expect(readFileSync(join(home, 'output'), 'utf8')).toBe('code=8\n');
    expect(await desk.live('heart-pipeline')).toEqual({ default: 90, 'xgboost-model': 10 });
    expect(await inShell(report)).toEqual({ code: 0, text: '' });

    const [resume = ''] = scripts(github.jobs.approve.steps);
    const resumed = await inShell(resume);
    expect(resumed.text).toContain('Promoted: xgboost-model has 100%');
    expect(resumed.code).toBe(0);
    const [, uploaded = ''] = scripts(ofStage(azure.stages[1]!));
    const summary = await inShell(uploaded);
    expect(summary.text).toMatch(/^##vso\[task\.uploadsummary\].*heart-pipeline-\w+\/report\.md$/m);
    expect(readFileSync(join(home, 'summary.md'), 'utf8')).toContain('heart-pipeline');
  });
});
