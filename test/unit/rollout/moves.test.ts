/** What a rollout does next, from what is observed, journaled and planned. */
import { describe, expect, it } from 'vitest';
import { AzureError } from '../../../src/azure/errors.js';
import { end } from '../../../src/rollout/moves/events.js';
import type { SessionFacts } from '../../../src/rollout/moves/facts.js';
import { outcomeOf } from '../../../src/rollout/moves/outcome.js';
import { GuardError, StoppedWaiting } from '../../../src/rollout/errors.js';
import type { JournalEntry, Judgement } from '../../../src/rollout/journal/entry.js';
import { type Plan } from '../../../src/rollout/plan.js';
import { InputError } from '../../../src/sampling/input-error.js';
import { deployment } from './fixtures.js';
import type { Split } from '../../../src/common/split.js';
import {
  V2,
  plan,
  withoutBlue,
  TAGS,
  AT,
  READY,
  green,
  next,
  movedTo10,
} from './next-move-support.js';

const KNOWN: JournalEntry[] = [
  { at: AT, seq: 1, event: 'choice', choice: { roles: { blue: 'default', green: 'x-8' } } },
];
/** A line of the journal in which gates judged green. */
const judged = (
  stage: Judgement['stage'],
  share: number,
  decision: Judgement['decision'] = 'promote',
  more: Partial<Judgement> = {},
): JournalEntry => ({
  at: AT,
  seq: 9,
  event: 'judged',
  stage,
  deployment: 'x-8',
  weight: share,
  verdicts: [],
  decision,
  ...more,
});
const tagged = { tags: TAGS };
const both = { journal: KNOWN, session: READY };
const proved = [...KNOWN, judged('prove', 0)];

describe('the next move', () => {
  it.each<[string, ReturnType<typeof next>, object]>([
    ['creates the endpoint', next(undefined), { id: 'create-endpoint' }],
    [
      'waits for a busy endpoint',
      next({}, { at: { provisioningState: 'Updating' } }),
      { for: 'operation' },
    ],
    ['creates blue', next({}, { deployments: [] }), { id: 'create-blue' }],
    [
      'waits for blue',
      next({}, { deployments: [deployment('default', { provisioningState: 'Creating' })] }),
      { for: 'operation', what: 'deployment default is creating' },
    ],
    [
      'gives the first traffic to a blue that is there',
      next({}, { deployments: [deployment('default')] }),
      { id: 'first-traffic', blue: 'default' },
    ],
    [
      'asks for the new version before green',
      next({ default: 100 }, { deployments: [deployment('default')] }),
      { id: 'find-model' },
    ],
    [
      'checks the contract before green is paid for',
      next({ default: 100 }, { deployments: [deployment('default')], session: { greenModel: V2 } }),
      { id: 'check-contract' },
    ],
    [
      'creates green',
      next({ default: 100 }, { deployments: [deployment('default')], session: READY }),
      { id: 'create-green' },
    ],
    [
      'waits for green',
      next(
        { default: 100 },
        { deployments: [deployment('default'), green({ provisioningState: 'Creating' })] },
      ),
      { for: 'operation', what: 'deployment x-8 is creating' },
    ],
    [
      'adopts an identical green',
      next({ default: 100 }, { session: READY }),
      { id: 'adopt-green', blue: 'default' },
    ],
    ['proves green', next({ default: 100 }, both), { id: 'prove', blue: 'default', green: 'x-8' }],
    [
      'gives green its first share only when it is proved',
      next({ default: 100 }, { ...both, journal: proved }),
      { id: 'set-traffic', weight: 10 },
    ],
    [
      'looks who is served after a move',
      next({ default: 90, 'x-8': 10 }, { ...both, at: tagged }),
      { id: 'verify-split', weight: 10 },
    ],
    [
      'goes on when the split was seen',
      next({ default: 90, 'x-8': 10 }, { ...both, journal: [...proved, judged('split', 10)] }),
      { id: 'set-traffic', weight: 50 },
    ],
    [
      'sees each share anew',
      next({ default: 50, 'x-8': 50 }, { ...both, journal: [...proved, judged('split', 10)] }),
      { id: 'verify-split', weight: 50 },
    ],
    [
      'takes the step above a share that is none of the plan',
      next({ default: 60, 'x-8': 40 }, { ...both, journal: [...proved, judged('split', 40)] }),
      { id: 'set-traffic', weight: 50 },
    ],
    [
      'gives green no more than the two have together',
      next(
        { default: 10, 'x-8': 50, old: 40 },
        {
          ...both,
          deployments: [deployment('default'), green(), deployment('old')],
          journal: [...proved, judged('split', 50)],
        },
      ),
      { id: 'set-traffic', weight: 60 },
    ],
    [
      'retires blue at the end',
      next({ 'x-8': 100 }, { ...both, at: tagged, journal: [...proved, judged('split', 100)] }),
      { id: 'retire' },
    ],
    [
      'closes',
      next(
        { 'x-8': 100 },
        {
          ...both,
          at: tagged,
          journal: [
            ...proved,
            judged('split', 100),
            { at: AT, seq: 10, event: 'choice', choice: { retire: 'keep' } },
          ],
        },
      ),
      { id: 'close' },
    ],
    [
      'has nothing to do when it is closed',
      next({ 'x-8': 100 }, { plan: withoutBlue, deployments: [green()], session: READY }),
      { kind: 'over', outcome: 'promoted' },
    ],
    [
      'has nothing to do when blue is deleted since',
      next({ 'x-8': 100 }, { plan: withoutBlue, deployments: [green()], session: READY }),
      { kind: 'over', outcome: 'promoted' },
    ],
    [
      'takes what serves for blue where the plan names none',
      next(
        { champion: 100 },
        { plan: withoutBlue, deployments: [deployment('champion')], session: READY },
      ),
      { id: 'create-green' },
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
    const at = (journal: JournalEntry[], mirrorTraffic: Split = {}) =>
      next(
        { default: 100 },
        { plan: more, journal: [...proved, ...journal], session: READY, at: { mirrorTraffic } },
      );
    const loaded = [judged('load', 0)];
    expect(at([])).toEqual({ id: 'check-load', blue: 'default', green: 'x-8', weight: 10 });
    expect(at(loaded)).toEqual({ id: 'set-mirror', green: 'x-8', percent: 20 });
    expect(at(loaded, { 'x-8': 20 })).toMatchObject({ id: 'watch-mirror', minutes: 10 });
    const watched = [...loaded, judged('mirror', 0)];
    expect(at(watched, { 'x-8': 20 })).toEqual({ id: 'set-mirror', green: 'x-8', percent: 0 });
    expect(at(watched)).toEqual({ id: 'set-traffic', weight: 10 });
    const failed = [...loaded, judged('mirror', 0, 'stop')];
    expect(at(failed, { 'x-8': 20 })).toEqual({ id: 'set-mirror', green: 'x-8', percent: 0 });
    expect(at(failed)).toMatchObject({ for: 'reason', stage: 'mirror', decision: 'stop' });
  });

  it('takes a mirror off that another run left, before green gets live traffic', () => {
    const look = { ...both, journal: proved, at: { mirrorTraffic: { 'x-8': 5 } } };
    expect(next({ default: 100 }, look)).toEqual({ id: 'set-mirror', green: 'x-8', percent: 0 });
  });

  it('holds as the plan says until that is judged, then waits for approval', () => {
    const held: Plan = { ...plan, steps: [{ at: 10, holds: { minutes: 5, approval: true } }] };
    const moved: JournalEntry[] = [...movedTo10, ...proved];
    const at = (...journal: JournalEntry[]) =>
      next(
        { default: 90, 'x-8': 10 },
        { plan: held, journal: [...moved, judged('split', 10), ...journal], session: READY },
      );
    expect(at()).toMatchObject({ id: 'hold', weight: 10, hold: { minutes: 5 } });
    const over = judged('watch', 10);
    expect(at(over)).toEqual({ for: 'approval', weight: 10, next: 50 });
    const choice = { holdEnded: { change: 1, weight: 10, why: 'approved' as const } };
    expect(at(over, { at: AT, seq: 11, event: 'choice', choice })).toMatchObject({
      id: 'set-traffic',
    });
    const noneCame = judged('watch', 10, 'hold', { why: '3 of 50 live requests came' });
    expect(at(noneCame)).toMatchObject({ for: 'reason', stage: 'watch', weight: 10 });
  });

  it('goes on by an approval of this session where the journal of the split is on another machine', () => {
    const held: Plan = { ...plan, holds: { minutes: 0, approval: true } };
    const holdEnded = { change: 0, weight: 10, why: 'approved' as const };
    const choice = { roles: { blue: 'default', green: 'x-8' }, holdEnded };
    const at = (firstLine: number) =>
      next(
        { default: 90, 'x-8': 10 },
        {
          plan: held,
          journal: [judged('split', 10), { at: AT, seq: 11, event: 'choice', choice }],
          session: { ...READY, firstLine },
        },
      );
    expect(at(1)).toMatchObject({ id: 'set-traffic', weight: 50 });
    // It could be about an earlier time at this weight.
    expect(at(2)).toEqual({ for: 'approval', weight: 10, next: 50 });
  });

  it('needs approval at 0% once for each green', () => {
    const held: Plan = { ...plan, steps: [{ at: 0, holds: { approval: true } }] };
    const at = (...journal: JournalEntry[]) =>
      next({ default: 100 }, { ...both, plan: held, journal: [...proved, ...journal] });
    const yes = (change: number): JournalEntry => {
      const choice = { holdEnded: { change, weight: 0, why: 'approved' as const } };
      return { at: AT, seq: 11, event: 'choice', choice };
    };
    expect(at()).toEqual({ for: 'approval', weight: 0, next: 10 });
    expect(at(yes(0))).toMatchObject({ id: 'set-traffic', weight: 10 });
    expect(at(yes(4))).toEqual({ for: 'approval', weight: 0, next: 10 });
  });

  it('judges minutes that nobody watched first, also where the plan holds for none', () => {
    const at = (session: Partial<SessionFacts>) =>
      next(
        { default: 90, 'x-8': 10 },
        { journal: [...proved, judged('split', 10)], session: { ...READY, ...session } },
      );
    const unverified = next(
      { default: 90, 'x-8': 10 },
      { journal: KNOWN, session: { ...READY, left: 10 } },
    );
    expect(unverified).toMatchObject({ id: 'catch-up', weight: 10 });
    expect(at({})).toEqual({ id: 'set-traffic', weight: 50 });
    expect(at({ left: 10 })).toMatchObject({ id: 'catch-up', weight: 10 });
    expect(at({ left: 10, caughtUp: 10 })).toEqual({ id: 'set-traffic', weight: 50 });
    expect(at({ left: 30 })).toEqual({ id: 'set-traffic', weight: 50 });
  });

  it('waits for approval before any traffic where the plan says so', () => {
    const held: Plan = { ...plan, steps: [{ at: 0, holds: { approval: true } }] };
    const at = next({ default: 100 }, { plan: held, journal: proved, session: READY });
    expect(at).toEqual({ for: 'approval', weight: 0, next: 10 });
  });

  it.each<[Plan['onFail'], object]>([
    [undefined, { id: 'abort', because: ['Half is served as green.'] }],
    ['rollback', { id: 'abort' }],
    ['hold', { for: 'reason', stage: 'split', decision: 'stop' }],
  ])('goes back from a wrong split where onFail is %s', (onFail, expected) => {
    const why = 'Half is served as green.';
    const verdict = { gate: 'split', mode: 'enforce', verdict: 'fail', why } as never;
    const failed = judged('split', 10, 'stop', { verdicts: [verdict] });
    const look = { journal: [...proved, failed], session: READY };
    const at = next({ default: 90, 'x-8': 10 }, { ...look, plan: { ...plan, onFail } });
    expect(at).toMatchObject(expected);
    const overridden = { ...failed, override: 'a drill' } as JournalEntry;
    const gone = { ...look, journal: [...proved, overridden], plan: { ...plan, onFail } };
    expect(next({ default: 90, 'x-8': 10 }, gone)).toMatchObject({ id: 'set-traffic' });
  });

  it('sends more rows while that can decide, and a failure of this session waits for a reason', () => {
    const more = { count: 68, again: false };
    const unsure = [...KNOWN, judged('prove', 0, 'send-more')];
    const at = (journal: JournalEntry[], session: Partial<SessionFacts> = {}) =>
      next({ default: 100 }, { journal, session: { ...READY, ...session } });
    expect(at(unsure, { more })).toMatchObject({ id: 'prove', more });
    expect(at(unsure)).toMatchObject({ for: 'reason', stage: 'prove' });
    const failed = [...KNOWN, judged('prove', 0, 'stop')];
    expect(at(failed)).toMatchObject({ for: 'reason', decision: 'stop' });
    expect(at(failed, { firstLine: 2 })).toMatchObject({ id: 'prove' });
  });

  it('takes what it judged for judged, also where the clock was set back meanwhile', () => {
    const at = '2026-03-01T11:00:00.000Z';
    const back = { at } as Partial<Judgement>;
    const spec = { model: V2 };
    const change = {
      kind: 'createDeployment',
      endpoint: 'heart',
      deployment: 'x-8',
      role: 'green',
    };
    const made = [
      { at: AT, seq: 2, event: 'begun', id: 1, title: 'green', change: { ...change, spec } },
      { at: AT, seq: 3, event: 'ended', id: 1, ok: true, readBack: 'confirmed', seconds: 1 },
    ] as JournalEntry[];
    const journal = [...KNOWN, ...made, judged('prove', 0, 'promote', back)];
    const startedAt = Date.parse(AT);
    const session = { ...READY, startedAt };
    expect(next({ default: 100 }, { journal, session })).toMatchObject({ id: 'set-traffic' });
    const failed = [...KNOWN, ...made, judged('prove', 0, 'stop', back)];
    expect(next({ default: 100 }, { journal: failed, session })).toMatchObject({ for: 'reason' });
    // Of a green of this name that was deleted, by a clock that was ahead.
    const older = [...proved, ...made.map((line) => ({ ...line, at }))];
    expect(next({ default: 100 }, { journal: older, session })).toMatchObject({ id: 'prove' });
    const seen = [...movedTo10, ...proved, judged('split', 10, 'promote', back)];
    const look = { journal: seen, session };
    expect(next({ default: 90, 'x-8': 10 }, look)).toMatchObject({ id: 'set-traffic', weight: 50 });
  });

  it('gives a green with fewer instances no weight that they are not enough for', () => {
    const look = {
      deployments: [deployment('default', { instanceCount: 3 }), green({ instanceCount: 1 })],
      session: READY,
    };
    const at10 = { ...look, journal: [...proved, judged('split', 10)] };
    const short = {
      for: 'choice',
      sentence: expect.stringContaining('enough for 33% of the traffic') as string,
    };
    expect(next({ default: 90, 'x-8': 10 }, at10)).toMatchObject(short);
    // Not even the first step, which it could carry, where the last one is out of reach.
    expect(next({ default: 100 }, { ...look, journal: proved })).toMatchObject(short);
  });

  it('is over for a rollout that was aborted, and for one that is completed', () => {
    const aborted: JournalEntry = { at: AT, seq: 12, event: 'aborted', restored: { default: 100 } };
    const look = { journal: [...proved, aborted], session: READY };
    expect(next({ default: 100 }, look)).toEqual({ kind: 'over', outcome: 'aborted' });
    const completed: JournalEntry = { at: AT, seq: 13, event: 'completed', report: 'r' };
    const done = { journal: [...proved, completed], session: READY };
    expect(next({ 'x-8': 100 }, done)).toEqual({ kind: 'over', outcome: 'promoted' });
  });

  it.each<[string, ReturnType<typeof next>, object]>([
    [
      'no endpoint and no blue to begin with',
      next(undefined, { plan: withoutBlue }),
      { kind: 'refused', outcome: 'refused', sentence: expect.stringContaining('no blue') },
    ],
    [
      'an endpoint on Kubernetes',
      next({ default: 100 }, { at: { kubernetes: '/computes/cluster-1' }, session: READY }),
      {
        kind: 'refused',
        outcome: 'refused',
        sentence: expect.stringContaining('runs on Kubernetes (cluster-1): it opens read-only'),
      },
    ],
    [
      'another deployment serves',
      next({ champion: 100 }, { deployments: [deployment('champion'), deployment('default')] }),
      {
        kind: 'refused',
        outcome: 'refused',
        sentence: expect.stringContaining('default is not live'),
      },
    ],
    [
      'several live, and nothing says which is replaced',
      next(
        { a1a: 50, b2b: 50 },
        { plan: withoutBlue, deployments: [deployment('a1a'), deployment('b2b')] },
      ),
      { for: 'choice', of: 'roles', sentence: expect.stringContaining('a1a=50 b2b=50') },
    ],
    [
      "green's name serves another model",
      next(
        { default: 100 },
        { deployments: [deployment('default'), deployment('x-8')], session: READY },
      ),
      {
        kind: 'refused',
        outcome: 'refused',
        sentence: expect.stringContaining('heart-classifier/versions/1'.replace('/versions/', ':')),
      },
    ],
    [
      'green was replaced while it serves',
      next(
        { default: 90, 'x-8': 10 },
        { deployments: [deployment('default'), deployment('x-8')], session: READY },
      ),
      { kind: 'refused', outcome: 'drift' },
    ],
    [
      'green on another size',
      next(
        { default: 100 },
        {
          deployments: [deployment('default'), green({ instanceType: 'Standard_F4s_v2' })],
          session: READY,
        },
      ),
      { kind: 'refused', outcome: 'refused', sentence: expect.stringContaining('Standard_F4s_v2') },
    ],
    [
      'green failed',
      next(
        { default: 100 },
        { deployments: [deployment('default'), green({ provisioningState: 'Failed' })] },
      ),
      { kind: 'refused', outcome: 'stopped', sentence: expect.stringContaining('x-8 is failed') },
    ],
    [
      'blue failed',
      next({}, { deployments: [deployment('default', { provisioningState: 'Failed' })] }),
      { kind: 'refused', outcome: 'blue-down' },
    ],
  ])('refuses: %s', (_name, move, expected) => {
    expect(move).toMatchObject(expected);
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
