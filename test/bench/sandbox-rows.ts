/** Start, memory and scoring of the sandbox; scoring beside MLflow's own server: `… SECONDS [PYTHON]`. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import { connect } from '../../src/azure/connect.js';
import { connectionTo } from '../support/connection.js';
import { startSandbox, type TestSandbox } from '../support/sandbox.js';
import { SAMPLES } from '../support/sample-plan.js';
import { serveTwo } from '../support/two-deployments.js';

const STARTS = 5;
const AT_ONCE = 4;
const TICKS_PER_SECOND = 100;
const SERVER_STARTS_MS = 180_000;

const seconds = Number(process.argv[2] ?? 10);
const python = process.argv[3];

const ROW = {
  columns: 'age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal'.split(','),
  index: [0],
  data: [[63, 1, 1, 145, 233, 1, 2, 150, 0, 2.3, 3, 0, 'fixed']],
};

interface Target {
  url: string;
  dispatcher: Dispatcher;
  headers: Record<string, string>;
  body: object;
  pid: number;
}

/** Seconds of processor that a process and its children have used. */
function cpuOf(pid: number): number {
  const used = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      used.set(Number(name), { parent: Number(parent), ticks: Number(rest[9]) + Number(rest[10]) });
    } catch {
      // It ended meanwhile.
    }
  }
  const sum = (of: number): number =>
    [...used].reduce(
      (total, [child, { parent }]) => total + (parent === of ? sum(child) : 0),
      used.get(of)?.ticks ?? 0,
    );
  return sum(pid) / TICKS_PER_SECOND;
}

const megabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

async function send({ url, dispatcher, headers, body }: Target): Promise<number> {
  const answer = await request(url, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  await answer.body.text();
  return answer.statusCode;
}

/** Requests answered for each second of processor. */
async function perCore(target: Target): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  const before = cpuOf(target.pid);
  let answered = 0;
  const sender = async (): Promise<void> => {
    while (performance.now() < until) {
      const status = await send(target);
      if (status === 200) answered += 1;
      else if (status !== 429) throw new Error(`${target.url} answered ${status}.`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  return answered / (cpuOf(target.pid) - before);
}

async function byMlflow(executable: string): Promise<number> {
  const port = await freePort();
  const args = ['models', 'serve', '-m', `${SAMPLES}/heart-classifier/v1`];
  const server = spawn(
    executable,
    ['-m', 'mlflow', ...args, '--env-manager', 'local', '-h', '127.0.0.1', '-p', String(port)],
    {
      stdio: 'ignore',
      detached: true,
      // It keeps a folder of runs where it is started.
      cwd: tmpdir(),
      // It calls uvicorn by name.
      env: { ...process.env, PATH: `${dirname(executable)}:${process.env['PATH'] ?? ''}` },
    },
  );
  const { pid = 0 } = server;
  const dispatcher = new Agent();
  const url = `http://127.0.0.1:${port}/invocations`;
  const target = { url, dispatcher, headers: {}, body: { dataframe_split: ROW }, pid };
  try {
    for (const last = Date.now() + SERVER_STARTS_MS; ; await wait(500)) {
      if (server.exitCode !== null)
        throw new Error(`MLflow's server ended with ${server.exitCode}.`);
      const status = await send(target).catch(() => 0);
      if (status === 200) break;
      if (Date.now() > last) throw new Error(`MLflow's server answers ${status}.`);
    }
    return await perCore(target);
  } finally {
    if (server.exitCode === null) process.kill(-pid, 'SIGKILL');
    await dispatcher.close();
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    }),
  );
}

async function bySandbox(sandbox: TestSandbox): Promise<number> {
  const workspace = await connect(connectionTo(sandbox));
  const ca = readFileSync(sandbox.info.caFile, 'utf8');
  const dispatcher = new ProxyAgent({ uri: sandbox.info.proxyUrl, requestTls: { ca } });
  try {
    const endpoint = await serveTwo(sandbox, workspace, 'bench');
    const key = await workspace.revealKey(endpoint);
    const target = {
      url: endpoint.scoringUri ?? '',
      dispatcher,
      headers: { authorization: `Bearer ${key}` },
      body: { input_data: ROW },
      pid: sandbox.child.pid ?? 0,
    };
    return await perCore(target);
  } finally {
    await dispatcher.close();
    await workspace.close();
  }
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const spread = (values: readonly number[]) => ({
  value: middle(values),
  low: Math.min(...values),
  high: Math.max(...values),
});

const starts: number[] = [];
const sizes: number[] = [];
/** What part of a start is the machine's, in turns with them. */
const empty: number[] = [];
for (let count = 0; count <= STARTS; count += 1) {
  const started = performance.now();
  const sandbox = await startSandbox();
  // The first start fills the caches.
  if (count > 0) starts.push(performance.now() - started);
  if (count > 0) sizes.push(megabytes(sandbox.child.pid ?? 0));
  await sandbox.stop();
  const before = performance.now();
  spawnSync(process.execPath, ['-e', '']);
  if (count > 0) empty.push(performance.now() - before);
}
const rows: object[] = [
  {
    what: 'sandbox: until it is ready',
    goal: '≤ 1000 ms',
    unit: ' ms',
    ...spread(starts),
    detail: `an empty node takes ${spread(empty).value.toFixed(0)} ms on that machine`,
  },
  { what: 'sandbox: memory when it is ready', goal: '', unit: ' MB', ...spread(sizes) },
];
const what = "sandbox: answers for a second of processor / MLflow's own server";
if (python === undefined) {
  rows.push({
    what,
    notMeasured: 'no Python with mlflow and scikit-learn: npm run conformance makes one',
  });
} else {
  const sandbox = await startSandbox({ timeScale: 0.02 });
  const ours = await bySandbox(sandbox).finally(() => sandbox.stop());
  const theirs = await byMlflow(python);
  const detail = `${ours.toFixed(0)} / ${theirs.toFixed(0)} rows, one a request, ${AT_ONCE} at once`;
  const value = ours / theirs;
  rows.push({ what, goal: '≥ 10', unit: '×', value, low: value, high: value, detail });
}
process.stdout.write(JSON.stringify(rows), () => process.exit());
