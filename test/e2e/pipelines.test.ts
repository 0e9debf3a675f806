/** The steps of samples/pipelines, run as they are written, on a sandbox. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
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
const matrix = read('github-actions-matrix.yml') as {
  jobs: Record<
    'run' | 'approve',
    { steps: Step[]; env: { PLAN: string }; strategy: { matrix: { endpoint: string[] } } }
  >;
};
const azure = read('azure-pipelines.yml') as { variables: Workflow['env']; stages: Stage[] };

/** Without the installation of the program, which is here. */
const scripts = (steps: readonly Step[]): string[] =>
  steps
    .map(({ run, bash, inputs }) => run ?? bash ?? inputs?.inlineScript ?? '')
    .filter((script) => script !== '' && !script.startsWith('npm install'));

const ofStage = ({ jobs }: Stage): Step[] =>
  jobs.flatMap(({ steps, strategy }) => steps ?? strategy?.runOnce.deploy.steps ?? []);

/** As the shells of both services run a script, in a folder that is a checkout. */
function inShell(
  script: string,
  service: Record<string, string> = { GITHUB_ACTIONS: 'true' },
  cwd = home,
): Promise<{ code: number; text: string }> {
  const env = {
    ...process.env,
    ...desk.env,
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    PLAN: github.env['PLAN'],
    REACH: '--sandbox',
    GITHUB_OUTPUT: join(home, 'output'),
    GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'),
    ...service,
  };
  return new Promise((resolve) => {
    execFile('bash', ['-eo', 'pipefail', '-c', script], { cwd, env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), text: out + err }),
    );
  });
}

beforeAll(() => {
  cpSync(SAMPLES, join(home, 'samples'), { recursive: true });
  mkdirSync(join(home, 'bin'));
  const shim = join(home, 'bin', 'aml-rollout');
  writeFileSync(shim, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(shim, 0o755);
});

describe.sequential('samples/pipelines', () => {
  it('name every action by the commit of a version', () => {
    const files = readdirSync(join(SAMPLES, 'pipelines')).filter((name) => /\.ya?ml$/.test(name));
    const uses = files.flatMap(
      (name) =>
        readFileSync(join(SAMPLES, 'pipelines', name), 'utf8').match(/^.*\buses:.*$/gm) ?? [],
    );
    expect(uses.length).toBeGreaterThan(10);
    for (const line of uses) {
      expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
    }
    // One version of an action means one commit.
    const pins = new Set(uses.map((line) => line.replace(/^.*uses: /, '')));
    expect(new Set([...pins].map((pin) => pin.split('@')[0])).size).toBe(pins.size);
  });

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
    const [run = '', report = ''] = scripts(github.jobs.run.steps);
    const ran = await inShell(run);
    expect(ran.text).toContain('Approval required at 10%.');
    expect(ran.code).toBe(0);
    // Everything between the plan and the end is in groups, and the end is not.
    const grouped = ran.text.match(/^::group::(.*)$|^::endgroup::$/gm) ?? [];
    expect(grouped).toContain('::group::create deployment xgboost-model');
    expect(grouped).toContain('::group::Prove');
    expect(grouped.filter((line) => line === '::endgroup::')).toHaveLength(grouped.length / 2);
    expect(grouped.at(-1)).toBe('::endgroup::');
    expect(ran.text.slice(ran.text.lastIndexOf('::endgroup::'))).toMatch(/^Report +\S+$/m);
    expect(ran.text).toMatch(/^::warning title=aml-rollout::Approval required at 10%25\./m);
    expect(readFileSync(join(home, 'output'), 'utf8')).toBe('code=8\n');
    expect(await desk.live('heart-pipeline')).toEqual({ default: 90, 'xgboost-model': 10 });
    expect(await inShell(report)).toEqual({ code: 0, text: '' });

    const [resume = ''] = scripts(github.jobs.approve.steps);
    const resumed = await inShell(resume);
    expect(resumed.text).toContain('Promoted: xgboost-model has 100%');
    expect(resumed.code).toBe(0);
    const [, uploaded = ''] = scripts(ofStage(azure.stages[1]!));
    const summary = await inShell(uploaded, { TF_BUILD: 'True' });
    expect(summary.text).toMatch(/^##vso\[task\.uploadsummary\].*heart-pipeline-\w+\/report\.md$/m);
    expect(readFileSync(join(home, 'summary.md'), 'utf8')).toContain('heart-pipeline');
  });

  it('roll out many endpoints, each on a runner of its own that may be lost', async () => {
    const { run, approve } = matrix.jobs;
    const endpoints = run.strategy.matrix.endpoint;
    expect(approve.strategy.matrix.endpoint).toEqual(endpoints);
    const [begin = '', report = ''] = scripts(run.steps);
    const [go = ''] = scripts(approve.steps);
    const runner = (endpoint: string) => {
      const cwd = join(home, `runner-${endpoint}`);
      cpSync(SAMPLES, join(cwd, 'samples'), { recursive: true });
      const plan = run.env.PLAN.replace('${{ matrix.endpoint }}', endpoint);
      // Nothing is shared but the workspace: the program's own folder is another machine's.
      const service = { GITHUB_ACTIONS: 'true', PLAN: plan };
      return { cwd, shell: (script: string) => inShell(script, service, cwd) };
    };
    await Promise.all(
      endpoints.map(async (endpoint) => {
        const first = runner(endpoint);
        const begun = await first.shell(begin);
        expect(begun.text).toContain('Approval required at 10%.');
        expect(readFileSync(join(first.cwd, 'state', 'code'), 'utf8')).toBe('8\n');
        expect(await first.shell(report)).toEqual({ code: 0, text: '' });
      }),
    );
    // The first runner and its artifact are lost; the endpoint's tags are not.
    const [lost = '', kept = ''] = endpoints;
    rmSync(join(home, `runner-${lost}`), { recursive: true });
    const again = await runner(lost).shell(begin);
    expect(again.text).toContain(`is under way on ${lost}`);
    expect(again).toMatchObject({ code: 0 });
    for (const endpoint of [lost, kept]) {
      expect(await desk.live(endpoint)).toEqual({ default: 90, 'xgboost-model': 10 });
      const resumed = await runner(endpoint).shell(go);
      expect(resumed.text).toContain('Promoted: xgboost-model has 100%');
      expect(resumed.code).toBe(0);
    }
    // One that did not wait for approval is not touched.
    writeFileSync(join(home, `runner-${kept}`, 'state', 'code'), '3\n');
    expect(await runner(kept).shell(go)).toEqual({ code: 0, text: '' });
  });
});
