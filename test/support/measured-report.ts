/** A report with all that can be measured, as a rollout that was aborted leaves it. */
import type { Report } from '../../src/rollout/report.js';

const AT = '2026-01-01T12:00:00.000Z';
const rows = Array.from({ length: 40 }, (_, index) => index + 1);

/** @param say each text that comes from elsewhere goes through it */
export function measuredReport(say: (text: string) => string = (text) => text): Report {
  const [blue, green] = [say('default'), say('x-8')];
  const traffic = (minute: number, from: Report['splitNow'], to: Report['splitNow']) => ({
    at: `2026-01-01T12:${minute}:00.000Z`,
    title: say('set traffic'),
    change: {
      kind: 'setTraffic' as const,
      endpoint: 'e',
      from: from!,
      to: to!,
      why: 'advance' as const,
    },
    outcome: say('done, verified'),
    ok: true,
    seconds: 2,
  });
  const verdict = {
    mode: 'enforce' as const,
    verdict: 'fail' as const,
    blue: say('1 / 40'),
    green: say('9 / 40'),
    difference: say('+20.0 pp'),
    limit: say('1.0 pp'),
    why: say('Green fails more often.'),
  };
  return {
    format: 1,
    program: say('aml-rollout 0'),
    reportedAt: '2026-01-01T13:00:00.000Z',
    workspace: { subscriptionId: say('s'), resourceGroup: say('rg'), workspaceName: say('ws') },
    endpoint: say('heart'),
    rolloutId: say('r1'),
    owner: say('ada'),
    openedAt: AT,
    outcome: 'aborted',
    roles: { blue, green },
    splitAtStart: { [blue]: 100 },
    splitNow: { [blue]: 100 },
    plan: { weights: [30, 100], visibleVariables: [say('WORKERS')] },
    planFile: { name: say('rollout.yml'), sha256: say('ab') },
    planReason: { gates: ['labels'], reason: say('a better model differs') },
    proofOverride: say('known'),
    differences: [{ member: say('instanceType'), blue: say('F4'), green: say('F8') }],
    changes: [
      traffic(10, { [blue]: 100 }, { [blue]: 70, [green]: 30 }),
      traffic(40, { [blue]: 70, [green]: 30 }, { [blue]: 100, [green]: 0 }),
    ],
    tests: [
      {
        at: AT,
        result: {
          purpose: 'prove',
          csv: { name: say('heart.csv'), sha256: say('f00'), seed: 7, rows: 40, rowNumbers: rows },
          deployments: [blue, green],
          answered: 80,
          failed: 0,
          agreed: 37,
          differing: [4, 19, 33],
          right: { [blue]: 30, [green]: 33 },
          medianLatencyMs: { [blue]: 41, [green]: 44 },
          figures: {
            latency: {
              rows,
              ms: {
                [blue]: rows.map((row) => 40 + (row % 5)),
                [green]: rows.map((row) => 44 + (row % 7)),
              },
            },
            classes: {
              names: [say('sick'), say('well')],
              agreement: [
                [18, 2],
                [1, 19],
              ],
              target: {
                [blue]: [
                  [15, 5],
                  [5, 15],
                ],
                [green]: [
                  [17, 3],
                  [4, 16],
                ],
              },
            },
            calibration: {
              [blue]: [{ rows: 40, meanScore: 0.8, right: 30 }],
              [green]: [{ rows: 40, meanScore: 0.84, right: 33 }],
            },
          },
        },
      },
    ],
    judgements: [
      {
        at: AT,
        stage: 'prove',
        deployment: green,
        weight: 0,
        decision: 'stop',
        override: say('accepted'),
        verdicts: [
          {
            ...verdict,
            gate: 'errors',
            measured: {
              unit: 'pp',
              blue: 2.5,
              green: 22.5,
              difference: 20,
              low: 8,
              high: 33,
              limit: 1,
              counts: { blue: { hits: 1, of: 40 }, green: { hits: 9, of: 40 } },
            },
          },
        ],
      },
      {
        at: AT,
        stage: 'split',
        deployment: green,
        weight: 30,
        decision: 'promote',
        verdicts: [
          {
            ...verdict,
            verdict: 'pass',
            gate: 'split',
            measured: {
              unit: 'pp',
              blue: 72,
              green: 28,
              difference: -2,
              low: -12.5,
              high: 9.5,
              limit: 20,
            },
          },
        ],
      },
      {
        at: AT,
        stage: 'checks',
        deployment: green,
        weight: 30,
        decision: 'stop',
        why: say('A check failed.'),
        verdicts: [{ ...verdict, gate: `check:${say('orders')}` }],
      },
    ],
    rollback: { sentence: say('Run this:'), commands: [say('az ml online-endpoint update')] },
    definitions: [{ deployment: green, yaml: say('name: x-8\nmodel: heart@8') }],
  };
}
