/** What start, prove and retire show where a terminal has rows for it, and that smaller ones stay as they are. */
import { afterEach, describe, expect, test } from 'vitest';
import { WHAT_STEPS_DO } from '../../screens/parts/start-details.js';
import type { State } from '../../src/wizard/state.js';
import { STEPS } from '../../src/wizard/steps/index.js';
import { drawnAt, frameOf, isTall, SIZES } from '../support/sized-frames.js';
import { clear, KEY } from '../support/wizard-screen.js';
import {
  done,
  LOOK,
  moments,
  onScreen,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  sample,
  splitSeen,
  START,
  tested,
} from '../support/wizard-states.js';

afterEach(clear);

const MOMENTS = moments();

const withProfiles = (count: number): State => {
  const connection = {
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    resourceGroup: 'rg-ml',
    workspaceName: 'ml-prod',
    cloud: 'public',
    signIn: 'cli',
  } as const;
  const profiles = Array.from({ length: count }, (_, at) => ({
    ...PROD,
    id: `p${at + 1}`,
    name: `ws-${String(at).padStart(2, '0')}`,
    connection,
  }));
  const info = { ...START, profiles: [...profiles, ...START.profiles.slice(-1)] };
  return onScreen(MOMENTS['start']!, 'workspace', { info });
};

describe('the start screen', () => {
  test.each(SIZES)(
    'at %s has what the journal says of the rollout under the cursor',
    async (size) => {
      const frame = await frameOf(MOMENTS['start']!, size);
      const tall = isTall(size);
      for (const fact of [
        /heart-prod, from the journal on this machine/,
        /Green at 10% {2}default=90 xgboost-model-2=10 {2}55 min ago {2}ml-prod/,
        /split +default=90 xgboost-model-2=10, set 1 h ago/,
        /green +xgboost-model-2, model heart-classifier:2/,
        /plan +10%, 30%, 100%/,
        /gates +7 of 8 passed at 10%, 1 inconclusive/,
        /started +2 h ago by ada@example\.com/,
        /changes so far\s+\S+ create deployment xgboost-model-2 · verified · 20 s/,
      ]) {
        expect(fact.test(frame), String(fact)).toBe(tall);
      }
      expect(frame).toContain('Opening reads only; nothing changes until you choose.');
    },
  );

  test.each(['120x40', '200x60'] as const)('at %s follows the cursor', async (size) => {
    const { press, frame } = await drawnAt(withProfiles(2), size);
    await press(KEY.down);
    expect(frame()).toMatch(
      /ws-00\n sign-in +az cli\n cloud +Azure\n subscription +00000000-0000-0000-0000-000000000001/,
    );
    expect(frame()).toMatch(/workspace +ml-prod\n used +2 days ago\n production +yes/);
    expect(frame()).toMatch(/its rollouts\n heart-prod +Green at 10%, 55 min ago/);
    expect(frame()).not.toContain('from the journal');
    await press(KEY.down, KEY.down);
    expect(frame()).toMatch(/cost +none: no account/);
    await press(KEY.down);
    expect(frame()).toMatch(/found in +az defaults[^]*role needed +AzureML Data Scientist/);
  });

  test('lists all profiles that fit, and of more as many as leave room for one', async () => {
    const frame = await frameOf(withProfiles(30), '200x60');
    for (let at = 0; at < 30; at += 1) expect(frame).toContain(`ws-${String(at).padStart(2, '0')}`);
    expect(frame).toContain('from the journal on this machine');
    const more = await frameOf(withProfiles(60), '200x60');
    expect(more).toContain('1 of 63');
    expect(more).toMatch(/split +default=90/);
    const lines = more.split('\n').slice(3, -2);
    expect(lines.filter((line) => line.trim() === '').length).toBeLessThanOrEqual(6);
  });

  test('tells a newcomer the steps of a rollout by their titles', async () => {
    const titles = STEPS.map(({ title }) => title).filter((title) => title !== 'workspace');
    expect(Object.keys(WHAT_STEPS_DO)).toEqual(titles);
    const frame = await frameOf(MOMENTS['start, first run']!, '100x30');
    for (const title of titles) expect(frame).toMatch(new RegExp(`^ ${title} +\\w`, 'm'));
    expect(await frameOf(MOMENTS['start, first run']!, '80x24')).not.toContain('steps of');
  });
});

const sent = {
  ...sample(PLAIN, 5),
  columns: LOOK.inputs.map(({ name }) => name),
  rows: sample(PLAIN, 5).rows.map((row) => ({ ...row, values: LOOK.inputs.map(() => 1) })),
};

describe('the prove screen, before rows are sent', () => {
  const plan = {
    weights: [25, 100],
    gates: { errors: { mode: 'warn' as const, margin: 0.03 }, labels: { mode: 'off' as const } },
    evidence: { rows: 100 },
  };
  const planned = rollout(PROD, { proved: false, view: { choice: { plan } } });

  test.each(SIZES)('at %s has what is compared and where rows go', async (size) => {
    const frame = await frameOf(MOMENTS['prove']!, size);
    const tall = isTall(size);
    for (const fact of [
      /BLUE +default +heart-classifier:1 +2 of Standard_DS3_v2 +100%/,
      /GREEN +xgboost-model-2 +heart-classifier:2 +2 of Standard_DS3_v2 +0%/,
      /to +blue and green by name: 300 rows each, one at a time/,
    ]) {
      expect(fact.test(frame), String(fact)).toBe(tall);
    }
    expect(frame).toContain('Send the same rows to blue and green');
    expect(frame.includes('gates in force')).toBe(size === '120x40' || size === '200x60');
  });

  test('has the gates of the plan as they are in force, and how many rows they need', async () => {
    const frame = await frameOf(planned, '200x60');
    expect(frame).toMatch(/errors +warn margin 3% +\d+ +Green fails on more rows than blue/);
    expect(frame).toMatch(/right answers +enforce margin 2% +133, more than are sent +Green gives/);
    expect(frame).not.toContain('labels differ');
    expect(frame).toMatch(/after a pass +traffic steps 25%, 100%; first hold: 5 min/);
  });

  test('has the rows that a test has read already, whole or not at all', async () => {
    const state = onScreen(planned, 'test', { sample: sent });
    expect(await frameOf(state, '120x40')).not.toContain('first rows');
    const frame = await frameOf(state, '200x60');
    expect(frame).toMatch(
      /first rows, seed 4711 +truth +request\n row 1 +1 +age 1, sex 1, .* thal 1/,
    );
    expect(frame).toMatch(/truth +column target, which is not sent/);
  });

  test('keeps them while rows are sent, and not beside an error', async () => {
    expect(await frameOf(MOMENTS['prove, sending']!, '120x40')).toContain('gates in force');
    const { failure } = MOMENTS['green, crashed']!.screens.green!;
    const failed = onScreen(MOMENTS['prove']!, 'prove', { failure: failure! });
    expect(await frameOf(failed, '200x60')).not.toContain('gates in force');
  });
});

test.each(SIZES)(
  'at %s the prove screen has classes and latencies after rows were sent',
  async (size) => {
    const figures = {
      latency: { rows: [1, 2], ms: { [PLAIN.blue]: [10, 30], [PLAIN.green]: [20, 45] } },
      classes: {
        names: ['0', '1'],
        agreement: [
          [1_210, 2],
          [3, 85],
        ],
        target: {
          [PLAIN.blue]: [
            [9, 1],
            [1, 19],
          ],
          [PLAIN.green]: [
            [8, 2],
            [2, 18],
          ],
        },
      },
    };
    const { result, ...rest } = tested();
    const answered = { ...rest, result: { ...result, figures } };
    const state = onScreen(MOMENTS['prove, answered']!, 'prove', { tested: answered });
    const frame = await frameOf(state, size);
    const tall = isTall(size);
    for (const fact of [
      /answers +GREEN 0 +GREEN 1\n BLUE 0 +1,210 +2\n BLUE 1 +3 +85/,
      /truth +rows +BLUE right +GREEN right\n 0 +10 +9 +8\n 1 +20 +19 +18/,
      /latency +fastest +p50[^\n]+slowest\n BLUE +10 ms +20 ms[^\n]+30 ms\n GREEN +20 ms/,
    ]) {
      expect(fact.test(frame), String(fact)).toBe(tall);
    }
    expect(frame).toMatch(/row 100 +1 +not 1/);
  },
);

describe('the retire screen', () => {
  const split = (id: number, share: number, at: string, why: 'advance' | 'abort' = 'advance') => ({
    ...done(id, {
      kind: 'setTraffic',
      endpoint: 'heart',
      from: {},
      to: { [PLAIN.blue]: 100 - share, [PLAIN.green]: share },
      why,
    }),
    line: 10 * id,
    ended: { at: `2026-03-01T${at}.000Z`, seconds: 2, ok: true as const },
  });
  const changes = [
    split(1, 10, '11:00:00'),
    split(2, 0, '11:01:30', 'abort'),
    split(3, 10, '11:10:00'),
    split(4, 100, '11:20:05'),
  ];
  const seen = { ...splitSeen(PLAIN.green, 10), line: 31 };
  const watched = { ...seen, stage: 'watch' as const, decision: 'stop' as const, line: 32 };
  const judgements = [
    proofPassed(PLAIN.green),
    seen,
    watched,
    { ...watched, line: 41, override: 'known outlier' },
  ];
  const retiring = rollout(PROD, { share: 100, view: { changes, judgements } });
  const priced: State = {
    ...retiring,
    session: { ...retiring.session!, prices: { Standard_DS3_v2: 0.5 } },
  };

  test.each(SIZES)(
    'at %s has the weights with their times, and what was seen there',
    async (size) => {
      const frame = await frameOf(priced, size);
      const tall = isTall(size);
      for (const fact of [
        /timeline +GREEN +set +stayed +seen there/,
        /█░+ +10% +\S+ +1 m 30 s\n/,
        /░+ +0% abort +\S+ +8 m 30 s\n/,
        /10% +\S+ +10 m 5 s +split as served: pass · live minutes: fail\n/,
        /█{10} +100% +\S+ +until now +live minutes: overridden, known outlier/,
      ]) {
        expect(fact.test(frame), String(fact)).toBe(tall);
      }
    },
  );

  test.each(SIZES)('at %s says what each choice does, and how blue comes back', async (size) => {
    const { press, frame, lines } = await drawnAt(priced, size);
    const wide = size === '120x40' || size === '200x60';
    const words = (): string => frame().replace(/\s+/g, ' ');
    expect(words().includes('nothing: default stays at 0%')).toBe(wide);
    expect(words().includes('$1.00 per hour, $730.00 per month')).toBe(wide);
    expect(words().includes('b on the start screen, or the command rollback')).toBe(wide);
    const evidence = lines().findIndex((line) => line.includes('timeline'));
    await press(KEY.down);
    expect(words().includes('default: 2 instances become 1')).toBe(wide);
    expect(/saves +\$0\.50 per hour/.test(frame())).toBe(wide);
    await press(KEY.down);
    expect(words().includes('default: 2 of Standard_DS3_v2')).toBe(wide);
    expect(words().includes('saves $1.00 per hour')).toBe(wide);
    expect(words().includes('create default again')).toBe(wide);
    expect(frame()).toContain('❯ Delete');
    // The rows below stay where they are.
    if (wide) expect(lines().findIndex((line) => line.includes('timeline'))).toBe(evidence);
  });

  test('says why blue may not be deleted yet', async () => {
    const bake = onScreen(priced, 'retire', { highlighted: 'delete', bake: { hits: 3 } as never });
    const frame = await frameOf(bake, '200x60');
    expect(frame).toContain('not yet: default answered 3 requests since it has no traffic');
  });
});
