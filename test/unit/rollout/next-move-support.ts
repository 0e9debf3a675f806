/** What a rollout has observed, journaled and planned, for the tests of what it does next. */
import type { Deployment, Endpoint } from '../../../src/azure/types.js';
import type { SessionFacts } from '../../../src/rollout/moves/facts.js';
import { nextMove } from '../../../src/rollout/moves/next-move.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import { type Plan } from '../../../src/rollout/plan.js';
import { rolesOf } from '../../../src/rollout/roles.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { deployment, endpoint, modelId, snapshot } from './fixtures.js';
import type { Split } from '../../../src/common/split.js';

export const V2 = modelId('heart-classifier', '2');
export const plan: Plan = {
  endpoint: { name: 'heart', auth: 'key' },
  blue: {
    name: 'default',
    model: { name: 'heart-classifier', version: '1' },
    instanceType: 'Standard_DS3_v2',
  },
  green: { name: 'x-8', model: { name: 'heart-classifier', version: '2' } },
  evidence: { csv: 'heart.csv', rows: 300, seed: 1 },
  holds: { minutes: 0 },
  weights: [10, 50, 100],
  retire: 'keep',
};
export const { blue: _, ...withoutBlue } = plan;
export const TAGS = { 'amlr-rollout': 'r1', 'amlr-blue': 'default', 'amlr-green': 'x-8' };
export const AT = '2026-03-01T12:00:00.000Z';
export const NOW = Date.parse('2026-03-01T12:05:00.000Z');
export const READY: Partial<SessionFacts> = { greenModel: V2, contract: true };
export const green = (change: Partial<Deployment> = {}) =>
  deployment('x-8', { model: V2, ...change });
interface Look {
  plan?: Plan;
  at?: Partial<Endpoint>;
  deployments?: Deployment[];
  journal?: JournalEntry[];
  session?: Partial<SessionFacts>;
}
export function next(traffic: Split | undefined, look: Look = {}) {
  const at = traffic && endpoint(traffic, look.at);
  const now = snapshot(at, look.deployments ?? [deployment('default'), green()]);
  const view = journalView(look.journal ?? []);
  const known = rolesOf(now, view).roles;
  const session = { startedAt: 0, firstLine: 0, ...look.session };
  const found = nextMove({ plan: look.plan ?? plan, now, view, known, session, at: NOW });
  switch (found.kind) {
    case 'move':
      return found.move;
    case 'wait':
      return found.wait;
    default:
      return found;
  }
}
const opened: JournalEntry = {
  at: AT,
  seq: 0,
  event: 'opened',
  rolloutId: 'r1',
  workspace: { subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' },
  endpoint: 'heart',
  owner: 'ada',
  version: '1',
};
export const movedTo10: JournalEntry[] = [
  opened,
  {
    at: '2026-03-01T11:50:00.000Z',
    seq: 1,
    event: 'begun',
    id: 1,
    title: 'set traffic',
    change: {
      kind: 'setTraffic',
      endpoint: 'heart',
      from: { default: 100 },
      to: { default: 90, 'x-8': 10 },
      why: 'advance',
    },
  },
  {
    at: '2026-03-01T11:51:00.000Z',
    seq: 2,
    event: 'ended',
    id: 1,
    ok: true,
    readBack: 'confirmed',
    seconds: 1,
  },
];
