/** A whole `run` beside the time that the service itself takes for its operations: `… ROUNDS`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REALISTIC } from '../../src/sandbox/durations.js';
import type { RecordedRequest } from '../../src/sandbox/recording.js';
import { fastTime } from '../support/fast-time.js';
import { runProgram } from '../support/run-command.js';
import { samplePlan } from '../support/sample-plan.js';
import { startSandbox } from '../support/sandbox.js';

/** A round would take a third of an hour. What the processor does counts as many times. */
const FASTER = 10;
const rounds = Number(process.argv[2] ?? 3);

const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-bench-'));
const time = fastTime(FASTER);
const sandbox = await startSandbox({ timeScale: 1, args: ['--realistic'], env: time.env });

/** Milliseconds that the operations of these requests take in the sandbox. */
function operations(requests: readonly RecordedRequest[]): number {
  const known = new Set<string>();
  const times = requests.map(({ method, path, status }) => {
    const one = /\/onlineEndpoints\/[^/]+(\/deployments\/[^/]+)?$/i.exec(path);
    if (method === 'GET' || !one || status === null || status >= 300) return 0;
    const fresh = !known.has(path);
    known.add(path);
    if (one[1] !== undefined) return REALISTIC.deployment;
    return fresh ? REALISTIC.endpointCreate : REALISTIC.update;
  });
  return times.reduce((sum, each) => sum + each, 0);
}

async function round(count: number): Promise<{ whole: number; service: number }> {
  const plan = samplePlan(folder, {
    endpoint: `bench-${count}`,
    extra: 'weights: [10, 50, 100]\nholds: {minutes: 0}\ngates: {latency: warn, latencyP95: warn}',
  });
  await sandbox.control('POST', '/_sandbox/requests', { record: true });
  const started = performance.now();
  const run = await runProgram(['run', plan, '--yes', ...reach], { env, cwd: folder });
  const whole = (performance.now() - started) * FASTER;
  if (run.code !== 0) throw new Error(`run ended with ${run.code}: ${run.stderr}`);
  const { body } = await sandbox.control('GET', '/_sandbox/requests');
  await sandbox.control('DELETE', '/_sandbox/requests');
  return { whole, service: operations((body as { requests: RecordedRequest[] }).requests) };
}

const { info } = sandbox;
const reach = [
  ['--subscription', info.subscriptionId],
  ['--resource-group', info.resourceGroup],
  ['--workspace', info.workspaceName],
  ['--sign-in', 'managed-identity'],
  ['--identity-endpoint', info.identityEndpoint],
  ['--proxy-url', info.proxyUrl],
  ['--ca-file', info.caFile],
].flat();
const env = {
  ...time.env,
  AML_ROLLOUT_HOME: folder,
  IDENTITY_HEADER: info.env['IDENTITY_HEADER'] ?? '',
};

const all: { whole: number; service: number }[] = [];
try {
  for (let count = 1; count <= rounds; count += 1) all.push(await round(count));
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}
const ratios = all.map(({ whole, service }) => whole / service).sort((a, b) => a - b);
const middle = Math.floor(rounds / 2);
const seconds = (ms: number): string => (ms / 1_000).toFixed(0);
const { whole, service } = all[middle] ?? { whole: NaN, service: NaN };
const row = {
  what: "whole rollout / the service's own operations, at Azure's times",
  goal: '≤ 1.05',
  unit: '×',
  value: ratios[middle],
  low: ratios[0],
  high: ratios.at(-1),
  detail: `${seconds(whole)} / ${seconds(service)} s by a clock ${FASTER} times as fast; 300 rows to both, 3 weights`,
};
process.stdout.write(JSON.stringify([row]), () => process.exit());
