/** What a rollout without a screen does next, from what is observed. */
import { describe, expect, it } from 'vitest';
import type { Deployment, Endpoint, Split } from '../../../src/azure/types.js';
import { AzureError } from '../../../src/azure/errors.js';
import { end } from '../../../src/rollout/moves/events.js';
import { driftSince, nextMove, type Progress } from '../../../src/rollout/moves/next-move.js';
import { outcomeOf } from '../../../src/rollout/moves/outcome.js';
import { greenSpec } from '../../../src/rollout/planned-spec.js';
import { GuardError, StoppedWaiting } from '../../../src/rollout/errors.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import { evidenceProblem, planProblem, type Plan } from '../../../src/rollout/plan.js';
import { rolesOf } from '../../../src/rollout/roles.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { InputError } from '../../../src/sampling/input-error.js';
import { deployment, endpoint, modelId, snapshot } from './fixtures.js';

const V2 = modelId('heart-classifier', '2');
const plan: Plan = {
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
const { blue: _, ...withoutBlue } = plan;
const TAGS = { 'amlr-rollout': 'r1', 'amlr-blue': 'default', 'amlr-green': 'x-8' };
const KNOWN: JournalEntry[] = [
  { at: '', seq: 1, event: 'choice', choice: { roles: { blue: 'default', green: 'x-8' } } },
];
const READY: Progress = { greenModel: V2, contract: true };
const green = (change: Partial<Deployment> = {}) => deployment('x-8', { model: V2, ...change });

interface Look {
  plan?: Plan;
  at?: Partial<Endpoint>;
  deployments?: Deployment[];
  journal?: JournalEntry[];
  progress?: Progress;
}

function next(traffic: Split | undefined, look: Look = {}) {
  const at = traffic && endpoint(traffic, look.at);
  const now = snapshot(at, look.deployments ?? [deployment('default'), green()]);
  const view = journalView(look.journal ?? []);
  const known = rolesOf(now, view).roles;
  const { progress = {} } = look;
  return nextMove({ plan: look.plan ?? plan, now, view, known, progress });
}

const tagged = { tags: TAGS };
const both = { journal: KNOWN, progress: READY };

describe('the next move', () => {
  it.each<[string, ReturnType<typeof next>, object]>([
    ['creates the endpoint', next(undefined), { do: 'create-endpoint' }],
    [
      'waits for a busy endpoint',
      next({}, { at: { provisioningState: 'Updating' } }),
      { do: 'wait' },
    ],
    ['creates blue', next({}, { deployments: [] }), { do: 'create-blue' }],
    [
      'waits for blue',
      next({}, { deployments: [deployment('default', { provisioningState: 'Creating' })] }),
      { do: 'wait', what: 'deployment default is creating' },
    ],
    [
      'gives the first traffic to a blue that is there',
      next({}, { deployments: [deployment('default')] }),
      { do: 'first-traffic', blue: 'default' },
    ],
    [
      'asks for the new version before green',
      next({ default: 100 }, { deployments: [deployment('default')] }),
      { do: 'resolve-green-model' },
    ],
    [
      'checks the contract before green is paid for',
      next(
        { default: 100 },
        { deployments: [deployment('default')], progress: { greenModel: V2 } },
      ),
      { do: 'check-contract' },
    ],
    [
      'creates green',
      next({ default: 100 }, { deployments: [deployment('default')], progress: READY }),
      { do: 'create-green' },
    ],
    [
      'waits for green',
      next(
        { default: 100 },
        { deployments: [deployment('default'), green({ provisioningState: 'Creating' })] },
      ),
      { do: 'wait', what: 'deployment x-8 is creating' },
    ],
    [
      'adopts an identical green',
      next({ default: 100 }, { progress: READY }),
      { do: 'adopt-green', blue: 'default' },
    ],
    ['proves green', next({ default: 100 }, both), { do: 'prove', blue: 'default', green: 'x-8' }],
    [
      'gives green its first share only when it is proved',
      next({ default: 100 }, { ...both, progress: { ...READY, proved: true } }),
      { do: 'move-traffic', share: 10 },
    ],
    [
      'looks who is served after a move',
      next({ default: 90, 'x-8': 10 }, { ...both, at: tagged }),
      { do: 'see-split', share: 10 },
    ],
    [
      'goes on when the split was seen',
      next({ default: 90, 'x-8': 10 }, { ...both, progress: { ...READY, seen: 10 } }),
      { do: 'move-traffic', share: 50 },
    ],
    [
      'sees each share anew',
      next({ default: 50, 'x-8': 50 }, { ...both, progress: { ...READY, seen: 10 } }),
      { do: 'see-split', share: 50 },
    ],
    [
      'takes the step above a share that is none of the plan',
      next({ default: 60, 'x-8': 40 }, { ...both, progress: { ...READY, seen: 40 } }),
      { do: 'move-traffic', share: 50 },
    ],
    [
      'gives green no more than the two have together',
      next(
        { default: 10, 'x-8': 50, old: 40 },
        {
          ...both,
          deployments: [deployment('default'), green(), deployment('old')],
          progress: { ...READY, seen: 50 },
        },
      ),
      { do: 'move-traffic', share: 60 },
    ],
    [
      'retires blue at the end',
      next({ 'x-8': 100 }, { ...both, at: tagged, progress: { ...READY, seen: 100 } }),
      { do: 'retire' },
    ],
    [
      'closes',
      next(
        { 'x-8': 100 },
        { ...both, at: tagged, progress: { ...READY, seen: 100, retired: true } },
      ),
      { do: 'close' },
    ],
    [
      'has nothing to do when it is closed',
      next({ 'x-8': 100 }, { progress: READY }),
      { do: 'done' },
    ],
    [
      'has nothing to do when blue is deleted since',
      next({ 'x-8': 100 }, { plan: withoutBlue, deployments: [green()], progress: READY }),
      { do: 'done' },
    ],
    [
      'takes what serves for blue where the plan names none',
      next(
        { champion: 100 },
        { plan: withoutBlue, deployments: [deployment('champion')], progress: READY },
      ),
      { do: 'create-green' },
    ],
  ])('%s', (_name, move, expected) => {
    expect(move).toMatchObject(expected);
  });

  it('loads and mirrors a proved green where the plan says so, each once', () => {
    const more: Plan = {
      ...plan,
      evidence: { csv: 'heart.csv', rows: 300, seed: 1, loadCheck: {} },
      mirror: { percent: 20, minutes: 10 },
    };
    const proved = { ...READY, proved: true };
    const at = (progress: Progress, mirrorTraffic: Split = {}) =>
      next(
        { default: 100 },
        { plan: more, journal: KNOWN, progress: { ...proved, ...progress }, at: { mirrorTraffic } },
      );
    expect(at({})).toEqual({ do: 'check-load', blue: 'default', green: 'x-8', share: 10 });
    expect(at({ loaded: true })).toEqual({ do: 'mirror', green: 'x-8', percent: 20 });
    expect(at({ loaded: true }, { 'x-8': 20 })).toMatchObject({ do: 'watch-mirror', minutes: 10 });
    const watched = { loaded: true, mirrored: true };
    expect(at(watched, { 'x-8': 20 })).toEqual({ do: 'mirror', green: 'x-8', percent: 0 });
    expect(at(watched)).toEqual({ do: 'move-traffic', share: 10 });
  });

  it('takes a mirror off that another run left, before green gets live traffic', () => {
    const look = { ...both, progress: { ...READY, proved: true } };
    const move = next({ default: 100 }, { ...look, at: { mirrorTraffic: { 'x-8': 5 } } });
    expect(move).toEqual({ do: 'mirror', green: 'x-8', percent: 0 });
  });

  it('holds as the plan says, and not twice in a run', () => {
    const held: Plan = { ...plan, steps: [{ at: 10, holds: { approval: true } }] };
    const at = (progress: Progress) =>
      next({ default: 90, 'x-8': 10 }, { plan: held, journal: KNOWN, progress });
    expect(at({ ...READY, seen: 10 })).toMatchObject({ do: 'hold', share: 10 });
    expect(at({ ...READY, seen: 10, held: 10 })).toMatchObject({ do: 'move-traffic' });
  });

  it('looks at a share that an earlier run left, also where the plan wants no hold', () => {
    const none: Plan = { ...plan, holds: { minutes: 0 } };
    const at = (progress: Progress) =>
      next(
        { default: 90, 'x-8': 10 },
        { plan: none, journal: KNOWN, progress: { ...READY, seen: 10, ...progress } },
      );
    // Before it is probed anew.
    const unseen = next(
      { default: 90, 'x-8': 10 },
      { journal: KNOWN, progress: { ...READY, left: 10 } },
    );
    expect(unseen).toEqual({ do: 'catch-up', share: 10 });
    expect(at({})).toEqual({ do: 'move-traffic', share: 50 });
    expect(at({ left: 10 })).toEqual({ do: 'catch-up', share: 10 });
    expect(at({ left: 10, caughtUp: 10 })).toEqual({ do: 'move-traffic', share: 50 });
    expect(at({ left: 30 })).toEqual({ do: 'move-traffic', share: 50 });
  });

  it('asks for a yes before any traffic where the plan does', () => {
    const held: Plan = { ...plan, steps: [{ at: 0, holds: { approval: true } }] };
    const at = (progress: Progress) =>
      next({ default: 100 }, { plan: held, journal: KNOWN, progress });
    expect(at({ ...READY, proved: true })).toMatchObject({ do: 'hold', share: 0 });
    expect(at({ ...READY, proved: true, held: 0 })).toEqual({ do: 'move-traffic', share: 10 });
  });

  it.each<[string, ReturnType<typeof next>, object]>([
    [
      'no endpoint and no blue to begin with',
      next(undefined, { plan: withoutBlue }),
      { kind: 'refused', sentence: expect.stringContaining('no blue') },
    ],
    [
      'another deployment serves',
      next({ champion: 100 }, { deployments: [deployment('champion'), deployment('default')] }),
      { kind: 'refused', sentence: expect.stringContaining('default does not serve') },
    ],
    [
      'several live, and nothing says which is replaced',
      next(
        { a1a: 50, b2b: 50 },
        { plan: withoutBlue, deployments: [deployment('a1a'), deployment('b2b')] },
      ),
      { kind: 'refused', sentence: expect.stringContaining('a1a=50 b2b=50') },
    ],
    [
      "green's name serves another model",
      next(
        { default: 100 },
        { deployments: [deployment('default'), deployment('x-8')], progress: READY },
      ),
      {
        kind: 'refused',
        sentence: expect.stringContaining('heart-classifier/versions/1'.replace('/versions/', ':')),
      },
    ],
    [
      'green was replaced while it serves',
      next(
        { default: 90, 'x-8': 10 },
        { deployments: [deployment('default'), deployment('x-8')], progress: READY },
      ),
      { kind: 'drift' },
    ],
    [
      'green on another size',
      next(
        { default: 100 },
        {
          deployments: [deployment('default'), green({ instanceType: 'Standard_F4s_v2' })],
          progress: READY,
        },
      ),
      { kind: 'refused', sentence: expect.stringContaining('Standard_F4s_v2') },
    ],
    [
      'green failed',
      next(
        { default: 100 },
        { deployments: [deployment('default'), green({ provisioningState: 'Failed' })] },
      ),
      { kind: 'stopped', sentence: expect.stringContaining('x-8 is failed') },
    ],
    [
      'blue failed',
      next({}, { deployments: [deployment('default', { provisioningState: 'Failed' })] }),
      { kind: 'stopped' },
    ],
  ])('refuses: %s', (_name, move, expected) => {
    expect(move).toMatchObject({ do: 'refuse', ...expected });
  });
});

describe('drift', () => {
  const moved: JournalEntry[] = [
    {
      at: '',
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
    { at: '', seq: 2, event: 'ended', id: 1, ok: true, readBack: 'confirmed', seconds: 1 },
  ];

  it('is a split that this rollout did not leave', () => {
    const at = (traffic: Split) => driftSince(journalView(moved), snapshot(endpoint(traffic)));
    expect(at({ default: 60, 'x-8': 40 })).toContain('left it at default=90 x-8=10, now it is');
    expect(at({ default: 90, 'x-8': 10, old: 0 })).toBeUndefined();
  });

  it('is not asked of a rollout that moved nothing, or is completed', () => {
    const now = snapshot(endpoint({ default: 60, 'x-8': 40 }));
    expect(driftSince(journalView([]), now)).toBeUndefined();
    const completed: JournalEntry = { at: '', seq: 3, event: 'completed', report: 'r' };
    expect(driftSince(journalView([...moved, completed]), now)).toBeUndefined();
  });
});

describe('how it ends', () => {
  const failure = (kind: 'quota' | 'drift' | 'network' | 'provisioning' | 'invalid') =>
    new AzureError({ kind, what: 'w', message: 'm', advice: 'a', retrySafe: false });

  it.each([
    [end('approval', 'x'), 'approval'],
    [failure('quota'), 'access'],
    [failure('drift'), 'drift'],
    [failure('network'), 'held'],
    [failure('provisioning'), 'stopped'],
    [failure('invalid'), 'refused'],
    [new GuardError('x'), 'drift'],
    [new InputError('x'), 'refused'],
  ])('%o is %s', (error, kind) => {
    expect(outcomeOf(error, false)?.kind).toBe(kind);
  });

  it('is interrupted whatever rejects after the signal', () => {
    expect(outcomeOf(failure('network'), true)?.kind).toBe('interrupted');
    expect(outcomeOf(new StoppedWaiting('create green'), true)?.lines[0]).toContain('create green');
  });

  it('leaves a fault of the program alone', () => {
    expect(outcomeOf(new TypeError('x'), false)).toBeUndefined();
  });
});

describe('a plan that contradicts itself', () => {
  it.each<[Partial<Plan>, string]>([
    [{ green: { ...plan.green, name: 'Default' } }, 'are both called Default'],
    [{ retire: { delete: 'x-8' } }, 'retire deletes x-8, but blue is default'],
  ])('is refused: %j', (change, sentence) => {
    expect(planProblem({ ...plan, ...change })).toContain(sentence);
  });

  it('needs rows for what is enforced, and only then', () => {
    const { evidence: __, ...blind } = plan;
    expect(evidenceProblem(blind)).toContain(
      'errors, latency, capacity, accuracy, absoluteError, split',
    );
    const gates = Object.fromEntries(
      ['errors', 'latency', 'capacity', 'accuracy', 'absoluteError', 'split'].map((name) => [
        name,
        { mode: 'off' },
      ]),
    ) as NonNullable<Plan['gates']>;
    expect(evidenceProblem({ ...blind, gates })).toBeUndefined();
    expect(evidenceProblem(plan)).toBeUndefined();
  });
});

describe("green's definition", () => {
  it("is blue's, but for the model and what the plan says", () => {
    const blue = deployment('default', {
      instanceCount: 3,
      environmentVariables: { A: '1' },
      tags: { of: 'blue' },
      description: 'the old one',
      requestSettings: {
        requestTimeoutMs: 9000,
        maxConcurrentRequestsPerInstance: 2,
        maxQueueWaitMs: 1,
      },
    });
    expect(greenSpec(plan.green, V2, blue)).toEqual({
      model: V2,
      instanceType: blue.instanceType,
      instanceCount: 3,
      description: 'the old one',
      tags: { of: 'blue' },
      environmentVariables: { A: '1' },
      requestSettings: blue.requestSettings,
      livenessProbe: expect.objectContaining({ initialDelay: 500 }),
    });
    expect(greenSpec({ ...plan.green, instanceCount: 1 }, V2, blue).instanceCount).toBe(1);
  });
});
