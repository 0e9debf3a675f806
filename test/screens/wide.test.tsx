/** What wide and tall terminals show more of, and what never gives way on small ones. */
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import type { State } from '../../src/wizard/state.js';
import { clear, draw } from '../support/wizard-screen.js';
import {
  done,
  LOOK,
  moments,
  onScreen,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  splitSeen,
  tested,
} from '../support/wizard-states.js';

afterEach(clear);

const VERDICT = {
  mode: 'enforce',
  verdict: 'pass',
  blue: '12 / 10000',
  green: '1013 / 10000',
  difference: '-0.01 pp, up to 0.3 pp',
  limit: '1.10x or 5 ms',
  why: '',
} as const;
const GATES = ['contract', 'errors', 'latency', 'capacity', 'labels', 'accuracy'] as const;

/** Traffic with a whole proof of many rows, verified, and watched for some minutes. */
function evidenced(): State {
  const proof = {
    ...proofPassed(PLAIN.green),
    verdicts: GATES.map((gate) => ({ ...VERDICT, gate: gate as 'errors' })),
  };
  const judgements = [proof, splitSeen(PLAIN.green, 10)] as never;
  const side = { requests: 28, errors: 0, busy: 0, p95Ms: 90 };
  const history = Array.from({ length: 6 }, (_, at) => ({
    at: new Date(Date.parse('2026-03-01T11:50:00.000Z') + at * 60_000).toISOString(),
    weight: at < 3 ? 10 : 30,
    blue: side,
    green: { ...side, p95Ms: 90 + 10 * at, errors: at === 4 ? 2 : 0 },
  }));
  return onScreen(rollout(PROD, { share: 10, view: { judgements } }), 'traffic', { history });
}

test.each([
  [80, 24, false, false],
  [100, 30, false, true],
  [120, 40, false, true],
  [200, 60, true, true],
])(
  'evidence at %ix%i: beside the split only where both fit',
  async (columns, rows, both, spark) => {
    const frame = (await draw(evidenced(), { size: { columns, rows } })).frame();
    const beside = frame
      .split('\n')
      .some((line) => / BLUE +default/.test(line) && line.includes('evidence'));
    expect(beside).toBe(both);
    expect(frame).not.toContain('…');
    // No two figures of a row touch, however large they are; at 80 columns the limit gives way.
    const limit = columns > 80 ? '1.10x or 5 ms  ' : '';
    expect(frame).toMatch(/errors +12\/10000 {2}1013\/10000 {2}-0\.01 pp, up to 0\.3 pp {2}/);
    expect(frame).toContain(`up to 0.3 pp  ${limit}✔ pass`);
    expect(/weight +GREEN ▂▂▂▃▃▃ 10 to 30%/.test(frame)).toBe(spark);
    if (spark) expect(frame).toMatch(/errors +BLUE +▁{6} 0 +GREEN ▁▁▁▁█▁ 0 to 2/);
  },
);

test('the line of the plan shows this attempt, and what was jumped is not passed', async () => {
  const split = (to: number, why: 'advance' | 'abort', id: number) =>
    done(id, {
      kind: 'setTraffic',
      endpoint: 'heart',
      from: {},
      to: { [PLAIN.blue]: 100 - to, [PLAIN.green]: to },
      why,
    });
  const overridden = {
    ...splitSeen(PLAIN.green, 30),
    at: '2026-02-01T10:00:00.000Z',
    override: 'x',
  };
  const view = {
    changes: [
      split(30, 'advance', 1),
      split(0, 'abort', 2),
      split(10, 'advance', 3),
      split(50, 'advance', 4),
    ],
    judgements: [proofPassed(PLAIN.green), overridden, splitSeen(PLAIN.green, 50)],
  };
  const frame = (await draw(rollout(PROD, { share: 50, view }))).frame();
  expect(frame).toMatch(/✔ 0 ─ ✔ 10 ─ · 30 ─ [✔◐] 50 here/);
});

test.each([60, 80, 120])(
  'the line of the plan says where approval is required at %i columns, and ends with retire',
  async (columns) => {
    const plan = {
      weights: [10, 30, 50, 80, 100],
      steps: [30, 80].map((at) => ({ at, holds: { approval: true } })),
    };
    const state = rollout(PROD, { share: 10, view: { choice: { plan } } });
    const size = { columns, rows: 24 };
    const frame = (await draw(onScreen(state, 'traffic', { staged: 30 }), { size })).frame();
    const rail = /✔ 0[^]*retire/.exec(frame)?.[0].replace(/[\s─]+/g, ' ');
    expect(rail).toBe('✔ 0 ◐ 10 here ◆ 30 staged, approval ○ 50 ○ 80 approval ○ 100 ○ retire');
  },
);

test('after an abort, one key ends with a report, and no probes are asked for at 0%', async () => {
  const aborted = rollout(PROD, {
    share: 0,
    view: { aborted: { at: '2026-03-01T11:59:00.000Z', restored: { default: 100 } } },
  });
  const frame = (await draw({ ...aborted, view: 'traffic' })).frame();
  expect(frame).toContain('Aborted. Press ⏎ to end with a report');
  expect(frame).toContain('⏎ report');
  expect(frame).not.toContain('R end with');
  expect(frame).not.toContain('p sends');
});

test.each([60, 80, 200])('links take no room at %i columns', async (columns) => {
  const state = evidenced();
  const studio = { ...state, session: { ...state.session!, studio: 'https://ml.azure.com' } };
  const size = { columns, rows: 24 };
  const plain = (await draw(studio, { size })).frame();
  vi.stubEnv('FORCE_HYPERLINK', '1');
  const linked = (await draw(studio, { size })).frame();
  vi.unstubAllEnvs();
  expect(linked).toContain('\u001b]8;;https://ml.azure.com/endpoints/realtime/heart/detail?wsid=/');
  expect(stripVTControlCharacters(linked).replaceAll(/ +$/gm, '')).toBe(plain);
});

test.each([60, 200])("the report's files are links at %i columns", async (columns) => {
  const path = `/data/${'long/'.repeat(10)}report.html`;
  const files = [{ what: 'report as page', path }];
  const ended = onScreen(rollout(PROD, { share: 100 }), 'report', { files });
  const state = { ...ended, view: 'report' as const };
  vi.stubEnv('FORCE_HYPERLINK', '1');
  vi.stubEnv('SSH_CONNECTION', undefined);
  const frame = (await draw(state, { size: { columns, rows: 24 } })).frame();
  vi.unstubAllEnvs();
  const shown = columns === 60 ? 'report.html' : path;
  expect(frame).toContain(`\u001b]8;;file://${path}\u0007${shown}\u001b]8;;\u0007`);
});

test('the smallest terminal cuts no sentence of the retire screen', async () => {
  const state = onScreen(rollout(PROD, { share: 100 }), 'retire', {});
  const frame = (await draw(state, { size: { columns: 60, rows: 18 } })).frame();
  const [, body = ''] = frame.split(/─{20,}/);
  expect(body.replace(/\s+/g, ' ')).toContain('What should happen to default?');
  expect(body.replace(/\s+/g, ' ')).toContain('one key rolls back.');
  expect(body).toContain('confirm by name; no rollback after that');
  expect(body).not.toContain('…');
});

test.each([
  [60, 18],
  [80, 24],
])(
  'at %ix%i what may stop a container or break callers is on the screen, and what Enter does',
  async (columns, rows) => {
    const reviewed = moments()['new model, reviewed']!;
    const column = (name: string, type: 'double' | 'string') =>
      ({ name, type, typeText: type, required: true }) as const;
    const signed = (type: 'double' | 'string') => ({
      inputs: LOOK.inputs.map(({ name }) => column(name, type)),
      outputs: [column('label', type)],
    });
    const finding = (text: string, level: 'error' | 'warning') => ({
      level,
      text,
      advice: 'Mend it.',
    });
    const look = {
      ...LOOK,
      signature: signed('string') as never,
      metadata: { one: '1', two: '2', three: '3' },
      findings: [
        ...['a', 'b', 'c'].map((name) => finding(`conda.yaml: ${name} is old`, 'warning')),
        finding('conda.yaml: mlflow is missing', 'error'),
      ],
    };
    const state = onScreen(reviewed, 'new-model', {
      look,
      liveLook: { ...LOOK, signature: signed('double') },
    });
    const frame = (await draw(state, { size: { columns, rows } })).frame();
    expect(frame).toContain('flavors');
    expect(frame).toContain("signature differs from blue's model in 14");
    expect(frame).toMatch(/and 1?\d more/);
    expect(frame).toContain('✖ conda.yaml: mlflow is missing Mend it.');
    expect(frame).toMatch(/❯ (?:Use|Register) it/);
  },
);

test('the smallest terminal shows all of why a proof stopped', async () => {
  const verdicts = GATES.map((gate) => ({ ...VERDICT, gate }));
  const why = `Green gives ${'far '.repeat(30)}fewer right answers than blue.`;
  const failed = { ...VERDICT, gate: 'absoluteError', verdict: 'fail', why } as const;
  const proved = tested();
  const state = onScreen(moments()['prove, answered']!, 'prove', {
    tested: {
      ...proved,
      verdicts: [...verdicts, failed],
      decision: { do: 'stop', because: [failed] },
    },
  });
  const frame = (await draw(state, { size: { columns: 60, rows: 18 } })).frame();
  const told = frame.replace(/\s+/g, ' ');
  expect(told).toContain(`✖ Stopped by absolute error. ${why} Green stays at 0%.`);
  expect(told).toMatch(/and \d more, all ✔ pass/);
});
