/** Who is served where answers name nobody: the sandbox's own counts, with a clock that jumps. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Endpoint, Workspace } from '../../../src/azure/types.js';
import type { Clock } from '../../../src/common/clock.js';
import type { MoveEvent } from '../../../src/rollout/moves/events.js';
import { verifySplitMove } from '../../../src/rollout/moves/verify-split.js';
import { requestsIn } from '../../../src/rollout/evidence/split-by-metrics.js';
import { connectionTo } from '../../support/connection.js';
import { moveContext } from '../../support/move-context.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

const MINUTE = 60_000;
/** A wait is over at once, and has taken its time. */
class JumpingClock implements Clock {
  ahead = 0;
  now = () => Date.now() + this.ahead;
  delay(ms: number): Promise<void> {
    this.ahead += ms;
    return Promise.resolve();
  }
}

let sandbox: TestSandbox;
let workspace: Workspace;
let events: MoveEvent[];

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0.02 });
  // Chance would now and then serve a split that takes more probes to decide.
  const conditions = { evenRouting: true, coreLimit: 1_000 };
  await sandbox.control('POST', '/_sandbox/conditions', conditions);
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
});
beforeEach(async () => {
  events = [];
  await sandbox.control('DELETE', '/_sandbox/faults');
});

const fault = (action: object, path = '/score') =>
  sandbox.control('POST', '/_sandbox/faults', { match: { path }, times: 10_000, action });

/** A CSV whose rows the probes send. */
const CSV = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));

/** Verifies the split of a fresh endpoint, whose minute of the change began before its first request. */
async function see({ name, traffic }: Pick<Endpoint, 'name' | 'traffic'>, setAt?: number) {
  const clock = new JumpingClock();
  // So that the running minute is the first whole one.
  const earlier = Math.floor(clock.now() / MINUTE) * MINUTE - MINUTE;
  const context = await moveContext(
    workspace,
    name,
    {
      clock,
      plan: {
        weights: [10, 100],
        evidence: { csv: CSV, rows: 20, seed: 1 },
        probes: { count: 100, budget: 500 },
      },
      emit: (event) => events.push(event),
    },
    setAt ?? earlier,
  );
  const { engine } = context;
  const weight = traffic.green ?? 0;
  const { seen, verdict } = await verifySplitMove.perform(
    { id: 'verify-split', blue: 'blue', green: 'green', weight },
    context,
  );
  const decision = engine.view.judgements.at(-1)?.decision;
  return { seen, verdict, decision, sent: engine.view.probesSent, clock };
}

/** The router's real split of an endpoint whose configured one is 90 to 10. */
async function served(name: string, serve?: Record<string, number>): Promise<Endpoint> {
  const two = await serveTwo(sandbox, workspace, name);
  const traffic = { blue: 90, green: 10 };
  await sandbox.control('POST', '/_sandbox/traffic', { endpoint: name, traffic });
  await fault({ noDeploymentHeader: true });
  if (serve) await fault({ serve });
  return { ...two, traffic };
}

const notes = () => events.flatMap((each) => (each.event === 'note' ? [each.message] : []));

describe('answers without the header azureml-model-deployment', () => {
  it('are counted by Azure Monitor after few probes, and a split as configured passes', async () => {
    const { decision, verdict, seen, sent, clock } = await see(await served('heart-honest'));
    expect(verdict?.why).toMatch(/^\d+ requests fit blue 90%, green 10%: rules out less than /);
    expect(decision).toBe('promote');
    expect(seen.source).toBe('metrics');
    // The plan's count, those included by which it was learned that nobody is named.
    expect(seen.sent).toBe(100);
    expect(sent).toBe(100);
    expect(verdict).toMatchObject({ verdict: 'pass', difference: 'of 100 requests' });
    expect(notes()).toHaveLength(1);
    expect(notes()[0]).toMatch(/do not name who served them.*Azure Monitor.*up to 3 min late/);
    // The minute's end and three minutes more.
    expect(clock.ahead).toBeGreaterThan(3 * MINUTE);
  });

  it('are counted so when half is served as green although 10% are configured', async () => {
    const { decision, verdict } = await see(await served('heart-half', { blue: 50, green: 50 }));
    expect(decision).toBe('stop');
    expect(verdict).toMatchObject({ gate: 'split', mode: 'enforce', verdict: 'fail' });
    expect(verdict?.why).toMatch(
      /^Configured is blue 90%, green 10%; 100 \/ 100 metered requests saw blue \d/,
    );
  });

  it('fail when a deployment without a share is seen to serve', async () => {
    const { name } = await served('heart-none', { blue: 50, green: 50 });
    const traffic = { blue: 100 };
    await sandbox.control('POST', '/_sandbox/traffic', { endpoint: name, traffic });
    const { decision, verdict } = await see({ name, traffic });
    expect(decision).toBe('stop');
    expect(verdict?.why).toMatch(/^green has 0% and answered \d+ requests\. Unless someone pins/);
  });

  it('stay inconclusive when Azure Monitor can not be read, or tells nothing', async () => {
    const endpoint = await served('heart-blind');
    const late = await see(endpoint, Date.now() + 30 * MINUTE);
    expect(late).toMatchObject({ decision: 'hold', verdict: { verdict: 'error' } });
    expect(late.verdict?.why).toMatch(/counts no request since the change/);
    await fault(
      { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No right.' } } },
      'Microsoft.Insights/metrics',
    );
    const { decision, verdict } = await see(endpoint);
    expect(decision).toBe('hold');
    expect(verdict).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(verdict?.why).toMatch(/do not name who served them, and Azure Monitor can't be read/);
  });
});

describe('requests by deployment', () => {
  it('are those of minutes that began in the time asked for', () => {
    const at = (minute: number, deployment: string, requests: number) => ({
      at: new Date(minute * MINUTE).toISOString(),
      deployment,
      requests,
      failed: 0,
      errors: 0,
      busy: 0,
    });
    const minutes = [at(1, 'a', 7), at(2, 'a', 5), at(2, 'b', 0), at(3, 'a', 1), at(4, 'b', 9)];
    expect(requestsIn(minutes, 2 * MINUTE, 4 * MINUTE)).toEqual({ a: 6 });
  });
});
