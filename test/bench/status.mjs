// The first rows of `status --all` on a sandbox with 200 endpoints of 20 deployments and 2,000 versions of a model, half of the
// endpoints with a rollout under way. Its goal is a time and no ratio, because a person waits for it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder, main, median, quantile, root } from './runner.mjs';

export const title = 'status';

const ENDPOINTS = 200;
const DEPLOYMENTS = 20;
const VERSIONS = 2_000;
const SAMPLES = join(root, 'samples');
const model = (version) =>
  `{name: heart-classifier, path: '${join(SAMPLES, 'heart-classifier', version)}'}`;
const PLAN = `version: 1
endpoint: {name: heart-seed}
blue: {name: default, model: ${model('v1')}, instanceType: Standard_DS2_v2}
green: {name: green, model: ${model('v2')}, instanceType: Standard_DS2_v2}
weights: [10, 100]
holds: {minutes: 0}
steps: [{at: 10, holds: {approval: true}}]
evidence: {data: '${join(SAMPLES, 'heart.csv')}', rows: 100, seed: 4711, target: target}
gates: {latency: {mode: warn}, split: {mode: warn}}
`;

/** A real rollout at its hold, as often as there are to be endpoints. */
function multiply(file) {
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  const { endpoints, models } = whole.state;
  const seed = endpoints['heart-seed'];
  const copy = (value) => JSON.parse(JSON.stringify(value));
  for (const deployment of Object.values(seed.deployments)) {
    // No container is started for it: only lists are measured.
    deployment.everSucceeded = false;
  }
  for (let index = 0; index < ENDPOINTS; index += 1) {
    const name = `heart-${String(index).padStart(3, '0')}`;
    const endpoint = { ...copy(seed), name };
    if (index % 2 === 1) endpoint.tags = {};
    for (let count = 2; count < DEPLOYMENTS; count += 1) {
      const idle = { ...copy(seed.deployments.green), name: `idle-${count}` };
      endpoint.deployments[idle.name] = idle;
    }
    endpoints[name] = endpoint;
  }
  delete endpoints['heart-seed'];
  const { versions } = models['heart-classifier'];
  for (let version = 3; version <= VERSIONS; version += 1) {
    versions[version] = { ...copy(versions[1]), version: String(version) };
  }
  writeFileSync(file, JSON.stringify(whole));
}

/** Milliseconds to the first row of an endpoint, and to the end. */
async function times(env) {
  const began = performance.now();
  const child = spawn(process.execPath, [main, 'status', '--all', '--sandbox'], { env });
  let text = '';
  let first;
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
    if (/^sandbox +heart-/m.test(text)) first ??= performance.now() - began;
  });
  await once(child, 'close');
  const rows = text.match(/^sandbox +heart-/gm)?.length ?? 0;
  if (rows !== ENDPOINTS) throw new Error(`status --all printed ${rows} rows`);
  return { first, all: performance.now() - began };
}

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const env = { ...process.env, AML_ROLLOUT_HOME: join(folder, 'home') };
    const plan = join(folder, 'plan.yml');
    writeFileSync(plan, PLAN);
    const args = [main, 'run', plan, '--sandbox', '--time-scale', '0.02', '--yes'];
    const { status, stderr } = spawnSync(process.execPath, args, { env, cwd: folder });
    if (status !== 8) throw new Error(`the rollout ended with ${status}: ${String(stderr)}`);
    multiply(join(folder, 'home', 'sandbox', 'state.json'));
    const sandbox = spawn(process.execPath, [main, 'sandbox', '--json', '--time-scale', '0'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(sandbox.stdout, 'data');
      const rounds = [];
      for (let round = 0; round <= (quick ? 5 : 15); round += 1) rounds.push(await times(env));
      const row = (what, name, goal) => {
        const all = rounds.slice(1).map((each) => each[name]);
        const middle = { low: quantile(all, 0.25), high: quantile(all, 0.75) };
        return {
          what,
          goal,
          value: median(all),
          unit: ' ms',
          ...middle,
          detail: `${all.length} rounds`,
        };
      };
      const of = `\`status --all\` of ${ENDPOINTS} endpoints × ${DEPLOYMENTS} deployments`;
      return [row(`${of}: first row`, 'first', '≤ 2000 ms'), row(`${of}: all rows`, 'all', '')];
    } finally {
      sandbox.kill();
      await once(sandbox, 'close');
    }
  });
