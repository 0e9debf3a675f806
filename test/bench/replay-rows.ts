/** Sends the same rows by a plain loop, by a replay, and by a replay under a wizard that draws: `… REQUESTS`. */
import { readFileSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { ProxyAgent, request } from 'undici';
import { drawWizard } from '../../screens/draw.js';
import { connect } from '../../src/azure/connect.js';
import type { Endpoint, Workspace } from '../../src/azure/types.js';
import { replay } from '../../src/rollout/evidence/replay.js';
import { KeyStdin } from '../../src/terminal/key-stdin.js';
import { pacedProgress } from '../../src/wizard/paced-progress.js';
import { Store } from '../../src/wizard/store.js';
import { ArmClient, deployment } from '../support/arm.js';
import { connectionTo } from '../support/connection.js';
import { startSandbox, type TestSandbox } from '../support/sandbox.js';
import { serveTwo } from '../support/two-deployments.js';
import { PROD, rollout, working } from '../support/wizard-states.js';

const BODY = {
  input_data: {
    columns: 'age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal'.split(','),
    index: [0],
    data: [[63, 1, 1, 145, 233, 1, 2, 150, 0, 2.3, 3, 0, 'fixed']],
  },
};
const NAMES = ['blue', 'green'];
const ROUNDS = 5;
const requests = Number(process.argv[2] ?? 400);

interface Sent {
  perSecond: number;
  latencyMs: number;
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function timed(send: () => Promise<number[]>): Promise<Sent> {
  const started = performance.now();
  const latencies = await send();
  const seconds = (performance.now() - started) / 1_000;
  return { perSecond: latencies.length / seconds, latencyMs: middle(latencies) };
}

async function plain(sandbox: TestSandbox, endpoint: Endpoint, key: string, inFlight: number) {
  const ca = readFileSync(sandbox.info.caFile, 'utf8');
  const dispatcher = new ProxyAgent({ uri: sandbox.info.proxyUrl, requestTls: { ca } });
  const latencies: number[] = [];
  let taken = 0;
  const send = async (): Promise<void> => {
    while (taken < requests) {
      taken += 1;
      const started = performance.now();
      const answer = await request(endpoint.scoringUri ?? '', {
        method: 'POST',
        dispatcher,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'azureml-model-deployment': NAMES[taken % 2],
        },
        body: JSON.stringify(BODY),
      });
      await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`The loop was answered ${answer.statusCode}.`);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, send));
  await dispatcher.close();
  return latencies;
}

type Told = (done: number, total: number) => void;

async function byReplay(workspace: Workspace, endpoint: Endpoint, inFlight: number, told: Told) {
  const rows = Array.from({ length: requests / 2 }, (_, at) => ({ number: at + 1, body: BODY }));
  const { rows: answered } = await replay({
    workspace,
    endpoint,
    rows,
    deployments: NAMES,
    seed: 1,
    runId: 'bench',
    inFlight,
    onRow: (_, done, total) => told(done, total),
  });
  const answers = answered.flatMap((row) => Object.values(row.answers));
  const failed = answers.find((answer) => !answer.ok);
  if (failed) throw new Error(`A row was answered ${failed.status}: ${failed.message}`);
  return answers.map((answer) => answer.latencyMs);
}

/** The wizard on a large terminal, on the screen of a proof under way. */
function drawn(): Told {
  const proving = rollout(PROD, { proved: false });
  const started = working(proving, { command: 'perform', title: 'Sending rows', writes: false });
  const store = new Store({ ...started, runs: { perform: 1 } });
  const stdout = Object.assign(new Writable({ write: (_, __, done) => done() }), {
    columns: 200,
    rows: 60,
    isTTY: true,
  }) as unknown as NodeJS.WriteStream;
  const typed = Object.assign(new PassThrough(), { isTTY: true });
  const session = {
    keys: new KeyStdin(typed),
    stdout,
    inline: false,
    spoken: false,
    onLeave: () => undefined,
    setSummary: () => undefined,
  };
  drawWizard(store, session, (error) => {
    throw error;
  });
  setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1_000);
  const tell = pacedProgress((progress) =>
    store.dispatch({ type: 'progress', run: 1, do: 'perform', progress }),
  );
  return (done, total) => tell({ kind: 'count', done, total, unit: 'rows' });
}

/** Each instance takes one request at a time unless told. */
async function takeMany({ info }: TestSandbox): Promise<void> {
  const arm = await ArmClient.connect(info);
  const requestSettings = { maxConcurrentRequestsPerInstance: 16, requestTimeout: 'PT30S' };
  const model = `${arm.workspace}/models/heart-classifier/versions/1`;
  for (const name of NAMES) {
    const path = `onlineEndpoints/bench/deployments/${name}`;
    await arm.finished(await arm.put(path, deployment(model, { requestSettings })));
  }
  await arm.close();
}

const sandbox = await startSandbox({ timeScale: 0.02 });
const workspace = await connect(connectionTo(sandbox));
const out: object[] = [];
try {
  const endpoint = await serveTwo(sandbox, workspace, 'bench');
  const key = await workspace.revealKey(endpoint);
  await takeMany(sandbox);
  const draws = drawn();
  const ways = {
    loop: (inFlight: number) => plain(sandbox, endpoint, key, inFlight),
    run: (inFlight: number) => byReplay(workspace, endpoint, inFlight, () => undefined),
    wizard: (inFlight: number) => byReplay(workspace, endpoint, inFlight, draws),
  };
  for (const inFlight of [1, 8]) {
    const rounds: Record<keyof typeof ways, Sent>[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const loop = await timed(() => ways.loop(inFlight));
      const run = await timed(() => ways.run(inFlight));
      const wizard = await timed(() => ways.wizard(inFlight));
      if (round > 0) rounds.push({ loop, run, wizard });
    }
    const row = (of: 'run' | 'wizard', to: 'loop' | 'run', goal: string): object => {
      const each = rounds
        .map((round) => round[of].perSecond / round[to].perSecond)
        .sort((a, b) => a - b);
      const rate = (way: keyof typeof ways): string =>
        middle(rounds.map((round) => round[way].perSecond)).toFixed(0);
      return {
        what: `replay, ${inFlight} at once: requests a second, ${of} / ${to === 'loop' ? 'plain loop' : to}`,
        goal,
        unit: '×',
        value: middle(each),
        low: each[1],
        high: each.at(-2),
        detail: `${rate(of)} / ${rate(to)} a second`,
      };
    };
    out.push(row('run', 'loop', '≥ 0.8'), row('wizard', 'run', '≥ 0.95'));
    if (inFlight > 1) continue;
    const apart = rounds
      .map((round) => round.wizard.latencyMs - round.loop.latencyMs)
      .sort((a, b) => a - b);
    out.push({
      what: 'replay, 1 at once: median latency in the wizard, less that of the plain loop',
      goal: '≤ 0.3 ms',
      unit: ' ms',
      value: middle(apart),
      low: apart[1],
      high: apart.at(-2),
      detail: `of ${middle(rounds.map((round) => round.loop.latencyMs)).toFixed(2)} ms`,
    });
  }
} finally {
  await workspace.close();
  await sandbox.stop();
}
process.stdout.write(JSON.stringify(out), () => process.exit());
